/** Which process uses which template set, and what is wrong with a set that was refused. */
import type { TemplateSetReport, TemplateSetState } from '@posthouse/queue';
import { Notice } from '@posthouse/web';
import { Badge } from '../ui/badge.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { t, text } from '../ui/translate.ts';

interface SetProps {
  context: PageContext;
  /** The set of this process. */
  own: TemplateSetState;
  processes: readonly TemplateSetReport[];
}

type Refused = NonNullable<TemplateSetState['refused']>;

const appNames: Readonly<Record<string, string>> = { api: text('API'), worker: text('Worker'), dashboard: text('Dashboard') };

function nameOf({ app, host, pid }: TemplateSetReport): string {
  return t('{app} {host} (process {pid})', { app: t(appNames[app] ?? app), host, pid: String(pid) });
}

/** A notice, and the issues, of each refused set. Where processes list different issues of one set, the longest list is shown. */
export function RefusedSets({ context, own, processes }: SetProps): JSX.Element {
  const sets = new Map<string, { refused: Refused; names: string[] }>();
  const add = (refused: Refused | undefined, name: string) => {
    if (refused === undefined) return;
    const { names = [], refused: known = refused } = sets.get(contentOf(refused)) ?? {};
    sets.set(contentOf(refused), { refused: refused.count > known.count ? refused : known, names: [...names, name] });
  };
  for (const process of processes) add(process.refused, nameOf(process));
  if (own.refused !== undefined && !sets.has(contentOf(own.refused))) add(own.refused, t('This dashboard'));
  return <>{[...sets.values()].map((each) => RefusedSet({ context, ...each }))}</>;
}

/** Identifies a refused set; one that cannot be read has no hash. */
function contentOf({ hash, issues }: Refused): string {
  return hash ?? JSON.stringify(issues);
}

function RefusedSet({ context, refused, names }: { context: PageContext; refused: Refused; names: readonly string[] }): JSX.Element {
  const columns = [{ title: t('File') }, { title: t('Issue') }, { title: t('How to fix it') }];
  const rows = refused.issues.map(({ file, line, message, fix }) => [
    <code class="code" safe>
      {line === undefined ? file : `${file}:${line}`}
    </code>,
    <span lang="en" class="data-value" safe>
      {message}
    </span>,
    <span lang="en" class="data-value" safe>
      {fix}
    </span>,
  ]);
  return (
    <>
      <Notice tone="bad" title={t('A changed template set is not used')}>
        <p safe>
          {t('Found {time}: {count, plural, one {# issue} other {# issues}}. The version before stays in use by: {names}.', {
            time: context.time.relative(refused.at),
            count: refused.count,
            names: names.join(', '),
          })}
        </p>
      </Notice>
      <section class="card flush">
        <div class="card-head">
          <h2 safe>{t('Issues')}</h2>
          {refused.hash !== undefined && (
            <code class="code" safe>
              {refused.hash}
            </code>
          )}
        </div>
        <DataTable label={t('Issues')} columns={columns} rows={rows} />
      </section>
    </>
  );
}

/** A table of the processes that report their set. */
export function SetProcesses({ context, own, processes }: SetProps): JSX.Element {
  const columns = [{ title: t('Process') }, { title: t('Version') }, { title: t('Loaded') }, { title: t('Last seen') }];
  const rows = processes.map((process) => [
    <b safe>{nameOf(process)}</b>,
    <div class="row">
      <code class="code" safe>
        {process.hash}
      </code>
      {process.refused !== undefined && <Badge tone="bad" icon="alert" label={t('Refused the changed set')} />}
      {process.refused === undefined && process.hash !== own.hash && <Badge tone="wait" icon="alert" label={t('Another version')} />}
    </div>,
    <When context={context} at={process.since} only="relative" />,
    <When context={context} at={process.seenAt} only="relative" />,
  ]);
  return (
    <section class="card flush">
      <div class="card-head">
        <h2 safe>{t('Processes')}</h2>
        <span class="muted" safe>
          {t('A changed template set is used without a restart.')}
        </span>
      </div>
      <DataTable label={t('Processes')} columns={columns} rows={rows} />
    </section>
  );
}
