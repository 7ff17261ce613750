/** The providers: the circuit and the rate limit of each. */
import type { ProviderStatus } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { Badge } from '../ui/badge.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { explainReason } from '../ui/reason-explanations.tsx';

const columns = [{ title: 'Provider' }, { title: 'Circuit' }, { title: 'Rate limit', number: true }];

/** @param providers those of the running workers */
export function ProviderList({ context, providers }: { context: PageContext; providers: readonly ProviderStatus[] }): JSX.Element {
  return (
    <section class="card flush">
      <div class="card-head">
        <h2>Providers</h2>
      </div>
      {providers.length === 0 ? (
        <EmptyState title="No providers" lit={false}>
          <p class="muted">Running workers report the providers that they use.</p>
        </EmptyState>
      ) : (
        <DataTable label="Providers" columns={columns} rows={providers.map((provider) => row(context, provider))} />
      )}
    </section>
  );
}

function row(context: PageContext, provider: ProviderStatus): JSX.Element[] {
  const { name, host, circuit, ratePerSecond } = provider;
  return [
    <div>
      <b safe>{name}</b>
      {name !== host && (
        <span class="muted" safe>
          {` ${host}`}
        </span>
      )}
    </div>,
    circuit === 'closed' ? <Badge tone="good" icon="accepted" label="OK" /> : <OpenCircuit context={context} provider={provider} />,
    <span safe>{ratePerSecond === undefined ? 'none' : formatRate(ratePerSecond)}</span>,
  ];
}

function OpenCircuit({ context, provider }: { context: PageContext; provider: ProviderStatus }): JSX.Element {
  const { reason, openSince, probeAt } = provider;
  return (
    <div>
      <Badge tone="bad" icon="pause" label="Down (not used)" />
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
              , next check <When context={context} at={probeAt} only="relative" />
            </>
          )}
        </p>
      )}
    </div>
  );
}

/** In the unit that SMTP_URL would have it in: `30/min`. */
function formatRate(perSecond: number): string {
  for (const [seconds, unit] of [
    [1, 's'],
    [60, 'min'],
    [3600, 'h'],
  ] as const) {
    if (perSecond * seconds >= 1) return `${Math.round(perSecond * seconds).toLocaleString('en')}/${unit}`;
  }
  return `${Math.round(perSecond * 86_400).toLocaleString('en')}/day`;
}
