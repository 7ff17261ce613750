/** A state of the preview: one mail of a template and how it is shown. Each state has a URL: `/signup/long/ko?w=375&dark`. */

/** A template with data in a language. */
export interface MailState {
  template: string;
  /** Name of a sample, or of a hard case, which starts with `~`. */
  sample: string;
  locale: string;
}

/** Widths of the frame, in CSS pixels: a phone, and a mail client on a desk. */
export const widths = [375, 600] as const;

/** The views of a mail, each with the text of its tab. */
export const tabs = {
  html: 'HTML',
  'images-off': 'Images off',
  text: 'Text',
  headers: 'Headers',
  source: 'Source',
  size: 'Size',
} as const;

/** A view of a mail. */
export type TabName = keyof typeof tabs;

/** How a mail is shown. */
export interface View {
  width: (typeof widths)[number];
  isDark: boolean;
  tab: TabName;
  /** Images of the internet are loaded. Only when somebody asks for it: their server learns of it. */
  loadsImages: boolean;
}

/** The parameters of a state's URL, as a request has them. */
export type ViewQuery = Readonly<Record<string, unknown>>;

/** Reads what a URL says; anything unknown counts as not there. */
export function viewOf(query: ViewQuery): View {
  const tab = Object.keys(tabs).find((name) => name === query['tab']) as TabName | undefined;
  return {
    width: query['w'] === '375' ? 375 : 600,
    isDark: query['dark'] !== undefined,
    tab: tab ?? 'html',
    loadsImages: query['images'] === 'load',
  };
}

/** The URL of a state's page. */
export function stateUrl(state: MailState, view: View): string {
  return `/${pathOf(state)}${queryOf(view)}`;
}

/** @param draft the id of data that takes the place of the sample's */
export function frameUrl(state: MailState, view: View, draft?: string): string {
  const parts = [
    ...(view.isDark ? ['dark'] : []),
    ...(view.tab === 'images-off' ? ['images=off'] : view.loadsImages ? ['images=load'] : []),
    ...(draft === undefined ? [] : [`draft=${draft}`]),
  ];
  return `/_/frame/${pathOf(state)}${parts.length > 0 ? `?${parts.join('&')}` : ''}`;
}

/** Of a path: the part of a URL that names the mail. */
export function pathOf({ template, sample, locale }: MailState): string {
  return [template, sample, locale].map((part) => encodeURIComponent(part).replaceAll('%7E', '~')).join('/');
}

function queryOf({ width, isDark, tab, loadsImages }: View): string {
  const parts = [
    ...(width === 600 ? [] : [`w=${width}`]),
    ...(isDark ? ['dark'] : []),
    ...(tab === 'html' ? [] : [`tab=${tab}`]),
    ...(loadsImages ? ['images=load'] : []),
  ];
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}
