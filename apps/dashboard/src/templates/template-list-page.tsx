/** The page of all templates. */
import type { MailState } from '@posthouse/contract';
import type { TemplateSetReport, TemplateSetState } from '@posthouse/queue';
import type { Renderer } from '@posthouse/templates/render';
import { EmptyState, PageHead } from '@posthouse/web';
import { mailsUrl } from '../mails/mail-search.ts';
import { When } from '../ui/elements.tsx';
import { Layout } from '../ui/layout.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { PausedMark } from '../ui/paused-mark.tsx';
import { formatNumber, Text, t } from '../ui/translate.ts';
import { RefusedSets, SetProcesses } from './set-processes.tsx';
import { renderSample, samplesOf, sampleUrl } from './template-samples.ts';
import { Thumbnail } from './thumbnail.tsx';

/** Mails of a template by state, as long as their records are kept. */
export type TemplateCounts = Readonly<Partial<Record<MailState, number>>>;

/** What the page shows. */
export interface TemplateListProps {
  context: PageContext;
  /** That of the set in use. */
  renderer: Renderer;
  /** The set of this process. */
  own: TemplateSetState;
  counts: ReadonlyMap<string, TemplateCounts>;
  processes: readonly TemplateSetReport[];
  /** When a set was first used, ms since the epoch, by its hash. */
  firstUsed: ReadonlyMap<string, number>;
}

export function TemplateListPage({ context, renderer, own, counts, processes, firstUsed }: TemplateListProps): JSX.Element {
  const { templates } = renderer.catalogue;
  return (
    <Layout context={context} title={t('Templates')} here="/templates" assets={['templates.css']}>
      <PageHead title={t('Templates')} below={t('{count, plural, one {# template} other {# templates}}', { count: templates.size })} />
      <RefusedSets context={context} own={own} processes={processes} />
      <p>
        <Text of="Version" />{' '}
        <code class="code" safe>
          {own.hash}
        </code>{' '}
        <span class="muted">
          <Text of="in use since" />
        </span>{' '}
        <When context={context} at={firstUsed.get(own.hash) ?? own.since} />
      </p>
      {templates.size === 0 ? (
        <EmptyState title={t('No templates')} lit={false}>
          <p class="muted" safe>
            {t('The template set in use is empty. Add a folder to TEMPLATES_DIR.')}
          </p>
        </EmptyState>
      ) : (
        <ul class="template-grid">
          {[...templates.keys()].map((name) => (
            <TemplateCard context={context} renderer={renderer} name={name} counts={counts.get(name)} />
          ))}
        </ul>
      )}
      <SetProcesses context={context} own={own} processes={processes} />
    </Layout>
  );
}

function TemplateCard({
  context,
  renderer,
  name,
  counts,
}: Pick<TemplateListProps, 'context' | 'renderer'> & { name: string; counts: TemplateCounts | undefined }): JSX.Element {
  const samples = samplesOf(renderer, name);
  const [first] = samples;
  const mail = first && renderSample(renderer, first);
  const template = renderer.catalogue.templates.get(name);
  return (
    <li class="card template-card">
      {first !== undefined && <Thumbnail sample={first} title={mail?.subject ?? name} />}
      <div class="template-text">
        <h2>
          <a href={first === undefined ? `/templates/${name}` : sampleUrl(first).replace('#sample', '')} safe>
            {name}
          </a>
        </h2>
        <p class="muted clip data-value" safe>
          {mail?.subject ?? template?.subject ?? ''}
        </p>
        <PausedMark context={context} scope="template" name={name} />
        <p class="muted" safe>
          {t('{samples, plural, one {# sample} other {# samples}} · {locales}', {
            samples: Object.keys(template?.samples ?? {}).length,
            locales: template?.locales.join(', ') ?? '',
          })}
        </p>
        <CountLinks name={name} counts={counts} />
      </div>
    </li>
  );
}

/** How many mails of a template were sent and have failed, each with a link to them. */
export function CountLinks({ name, counts }: { name: string; counts: TemplateCounts | undefined }): JSX.Element {
  const { sent = 0, failed = 0 } = counts ?? {};
  return (
    <p class="template-counts">
      <a href={mailsUrl({ template: name, state: ['sent'] })} safe>
        {t('{count} sent', { count: formatNumber(sent) })}
      </a>
      <a class={failed > 0 ? 'bad-text' : undefined} href={mailsUrl({ template: name, state: ['failed'] })} safe>
        {t('{count} failed', { count: formatNumber(failed) })}
      </a>
    </p>
  );
}
