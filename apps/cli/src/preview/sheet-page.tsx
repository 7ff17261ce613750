/** The contact sheet: every template with each sample, language, width and color scheme, as small pictures. A picture is rendered when it is looked at. */
import { sampleSubject } from '@posthouse/templates/lazy';
import { EmptyState, Notice, PageHead } from '@posthouse/web';
import { hardCases } from './hard-cases.ts';
import { FilterField, Layout, Problem } from './preview-layout.tsx';
import type { TemplateStates } from './preview-set.ts';
import { frameUrl, type MailState, stateUrl, type View, viewOf, widths } from './preview-state.ts';

/** What the page shows. */
export interface SheetProps {
  templates: readonly TemplateStates[];
  /** The folder of the templates. */
  dir: string;
  /** Changes when a template, a sample or a language is added or removed. */
  structure: string;
  /** See LayoutProps. */
  revision: string;
  /** What the pictures are filtered by. */
  query: string;
  /** The hard cases are shown too. */
  withHardCases: boolean;
  /** The only template, where the page is of one. */
  only?: string;
  /** Why the folder cannot be read at the moment. */
  problem: string | undefined;
}

export function SheetPage(props: SheetProps): JSX.Element {
  const { templates, dir, structure, revision, query, withHardCases, only, problem } = props;
  const states = templates.flatMap(({ states }) => states);
  const locales = new Set(states.map(({ locale }) => locale)).size;
  const pictures = states.length === 0 ? 'no picture' : `${plural(states.length * 4, 'picture')} in ${plural(locales, 'language')}`;
  const count = `${plural(templates.length, 'template')}, ${pictures}`;
  const path = only === undefined ? '/' : `/${only}`;
  return (
    <Layout title={only ?? 'All templates'} script="preview-sheet.js" revision={revision} bar={<FilterField value={query} />}>
      <div id="sheet" data-structure={structure} data-template={only}>
        <PageHead title={only ?? 'All templates'} below={templates.length === 0 ? dir : `${count} · ${dir}`}>
          {only !== undefined && (
            <a class="button quiet" href="/">
              All templates
            </a>
          )}
          {states.length > 0 && (
            <a class="button quiet" href={withHardCases ? path : `${path}?hard`}>
              {withHardCases ? 'Without hard cases' : 'With hard cases'}
            </a>
          )}
        </PageHead>
        {problem !== undefined && (
          <Notice tone="bad" title="The folder cannot be read; this is what it had before">
            <p safe>{problem}</p>
          </Notice>
        )}
        {templates.length === 0 && (
          <EmptyState title="There is no template in this folder" lit={false}>
            <p class="muted">Make the first one; this page shows it as soon as its files are saved.</p>
            <pre class="code">npm run templates -- new welcome</pre>
          </EmptyState>
        )}
        {templates.map((each) => (
          <TemplateSection states={each} />
        ))}
        <div id="no-match" hidden>
          <EmptyState title="No picture matches the filter" lit={false}>
            <p class="muted">It is searched for in the names of templates, samples and languages.</p>
          </EmptyState>
        </div>
        {states.length > 0 && <Keys />}
      </div>
    </Layout>
  );
}

function TemplateSection({ states: { name, template, states, issues } }: { states: TemplateStates }): JSX.Element {
  const lacksOnlySample = issues.length > 0 && issues.every(({ rule }) => rule === 'sample-missing');
  return (
    <section class="template" data-name={name} aria-labelledby={`template-${name}`}>
      <div class="template-head">
        <h2 id={`template-${name}`}>
          <a href={`/${name}`} safe>
            {name}
          </a>
        </h2>
        <p class="muted" dir="auto" safe>
          {sampleSubject(template).trim()}
        </p>
        <p class="counted" data-count={`/_/finding-count/${name}`}></p>
      </div>
      {issues.length > 0 && <Problem result={{ kind: 'template', issues }} />}
      {lacksOnlySample && (
        <p class="first-sample">
          <a class="button quiet" href={stateUrl({ template: name, sample: 'default', locale: template.defaultLocale }, viewOf({}))}>
            Type the data of the first sample
          </a>
        </p>
      )}
      <div class="groups">
        {states.map((state) => (
          <StateGroup state={state} />
        ))}
      </div>
    </section>
  );
}

function StateGroup({ state }: { state: MailState }): JSX.Element {
  const label = sampleLabel(state.sample);
  return (
    <div class="group-of-pictures" data-search={`${state.template} ${state.sample} ${label} ${state.locale}`.toLowerCase()}>
      <h3>
        <span safe>{label}</span>{' '}
        <span class="muted" safe>
          {state.locale}
        </span>
      </h3>
      <div class="pictures">
        {widths.flatMap((width) =>
          [false, true].map((isDark) => <Picture state={state} view={{ width, isDark, tab: 'html', loadsImages: false }} label={label} />),
        )}
      </div>
    </div>
  );
}

function Picture({ state, view, label }: { state: MailState; view: View; label: string }): JSX.Element {
  const scheme = view.isDark ? 'dark' : 'light';
  const title = `${state.template}, ${label}, ${state.locale}, ${view.width} pixels, ${scheme}`;
  return (
    <div class={['picture', `p${view.width}`, scheme]}>
      <iframe class={`w${view.width}`} data-src={frameUrl(state, view)} sandbox="" tabindex="-1" title={title} aria-hidden="true"></iframe>
      <a class="cover" href={stateUrl(state, view)}>
        <span class="visually-hidden" safe>
          {title}
        </span>
      </a>
      <p class="muted" aria-hidden="true" safe>{`${view.width} ${scheme}`}</p>
    </div>
  );
}

/** The keys that work on this page. */
function Keys(): JSX.Element {
  return (
    <p class="keys muted">
      <kbd>/</kbd> filter <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd> between pictures <kbd>Enter</kbd> open
    </p>
  );
}

/** What a sample is called on a page. */
export function sampleLabel(sample: string): string {
  return hardCases[sample as keyof typeof hardCases] ?? sample;
}

/** `1 template`, `2 templates` */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
