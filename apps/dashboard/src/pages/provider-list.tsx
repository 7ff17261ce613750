/** The roads out: whether each is well, and how fast it may be used. */

import type { ProviderStatus } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import { explainReason } from '../reason-explanations.ts';
import { Badge } from './badge.tsx';
import { DataTable } from './data-table.tsx';
import { When } from './when.tsx';

const columns = [{ title: 'Provider' }, { title: 'Circuit' }, { title: 'Rate', number: true }];

/** @param providers those of the workers that are alive */
export function ProviderList({ context, providers }: { context: PageContext; providers: readonly ProviderStatus[] }): JSX.Element {
  return (
    <section class="card flush">
      <div class="card-head">
        <h2>Providers</h2>
      </div>
      {providers.length === 0 ? (
        <EmptyState title="No provider is known." lit={false}>
          <p class="muted">A worker that is alive tells of those that it uses.</p>
        </EmptyState>
      ) : (
        <DataTable label="Providers" columns={columns} rows={providers.map((provider) => row(context, provider))} />
      )}
    </section>
  );
}

function row(context: PageContext, { name, host, circuit, reason, openSince, probeAt, ratePerSecond }: ProviderStatus): JSX.Element[] {
  return [
    <div>
      <b safe>{name}</b>
      {name !== host && (
        <span class="muted" safe>
          {` ${host}`}
        </span>
      )}
    </div>,
    circuit === 'closed' ? (
      <Badge tone="good" icon="accepted" word="Closed: in use" />
    ) : (
      <div>
        <Badge tone="bad" icon="pause" word="Open: left alone" />
        {reason !== undefined && (
          <p>
            <code class="code" safe>
              {reason}
            </code>{' '}
            <span class="muted" safe>
              {explainReason(reason) ?? ''}
            </span>
          </p>
        )}
        {openSince !== undefined && (
          <p class="muted">
            since <When context={context} at={openSince} only="relative" />
            {probeAt !== undefined && (
              <>
                , looked at again <When context={context} at={probeAt} only="relative" />
              </>
            )}
          </p>
        )}
      </div>
    ),
    <span safe>{ratePerSecond === undefined ? 'no limit' : rateWords(ratePerSecond)}</span>,
  ];
}

/** In the unit that SMTP_URL would have it in. */
function rateWords(perSecond: number): string {
  for (const [seconds, unit] of [
    [1, 's'],
    [60, 'min'],
    [3600, 'h'],
  ] as const) {
    if (perSecond * seconds >= 1) return `${Math.round(perSecond * seconds).toLocaleString('en')}/${unit}`;
  }
  return `${Math.round(perSecond * 86_400).toLocaleString('en')}/day`;
}
