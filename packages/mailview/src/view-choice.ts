/** The ways to look at one mail, and the widths of the frame: all of it chosen by links, so it works without script. */

/** The ways to look at a mail. */
export const views = ['html', 'text', 'headers', 'source'] as const;
/** One of them. */
export type View = (typeof views)[number];

/** Widths of the frame in CSS px, kept even on a screen that is narrower: a phone, a mail program, and whatever there is. */
export const widths = ['375', '600', 'full'] as const;
/** One of them. */
export type Width = (typeof widths)[number];

/** What `?view=` asks for; otherwise the message's HTML, or its text when it has none. */
export function viewOf(asked: unknown, hasHtml: boolean): View {
  return views.find((view) => view === asked) ?? (hasHtml ? 'html' : 'text');
}

/** What `?width=` asks for; otherwise all that there is, which fits every screen. */
export function widthOf(asked: unknown): Width {
  return widths.find((width) => width === asked) ?? 'full';
}
