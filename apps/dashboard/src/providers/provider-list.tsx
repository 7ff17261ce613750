/** The providers: the circuit and the rate limit of each. */
import type { ProviderStatus } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { Badge } from '../ui/badge.tsx';
import { DataTable } from '../ui/data-table.tsx';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { PausedMark, pauseDetails, pauseOf } from '../ui/paused-mark.tsx';
import { explainCircuit } from '../ui/reason-explanations.tsx';
import { formatNumber, Text, t } from '../ui/translate.ts';

/** @param providers those of the running workers */
export function ProviderList({ context, providers }: { context: PageContext; providers: readonly ProviderStatus[] }): JSX.Element {
  const columns = [{ title: t('Provider') }, { title: t('Circuit') }, { title: t('Rate limit'), number: true }];
  return (
    <section class="card flush">
      <div class="card-head">
        <h2 safe>{t('Providers')}</h2>
      </div>
      {providers.length === 0 ? (
        <EmptyState title={t('No providers')} lit={false}>
          <p class="muted" safe>
            {t('Running workers report the providers that they use.')}
          </p>
        </EmptyState>
      ) : (
        <DataTable label={t('Providers')} columns={columns} rows={providers.map((provider) => row(context, provider))} />
      )}
    </section>
  );
}

function row(context: PageContext, provider: ProviderStatus): JSX.Element[] {
  const { ratePerSecond } = provider;
  return [
    <div>
      <ProviderName provider={provider} />
    </div>,
    <ProviderUse context={context} provider={provider} />,
    <span safe>{ratePerSecond === undefined ? t('none') : formatRate(ratePerSecond)}</span>,
  ];
}

/** Its name, and its host where that is another one. */
export function ProviderName({ provider: { name, host } }: { provider: ProviderStatus }): JSX.Element {
  return (
    <>
      <b safe>{name}</b>
      {name !== host && (
        <span class="muted" safe>
          {` ${host}`}
        </span>
      )}
    </>
  );
}

/** Whether it is used: by whom and why it is paused, or the state of its circuit. */
export function ProviderUse({ context, provider }: { context: PageContext; provider: ProviderStatus }): JSX.Element {
  const pause = pauseOf(context, { scope: 'provider', name: provider.name });
  if (pause === undefined) return <ProviderCircuit context={context} provider={provider} />;
  return (
    <div>
      <PausedMark context={context} scope="provider" name={provider.name} />
      <p class="muted pause-details" safe>
        {pauseDetails(context, pause)}
      </p>
      {provider.circuit === 'open' && <ProviderCircuit context={context} provider={provider} />}
    </div>
  );
}

/** Whether it is used; if not, why, since when and until when. */
function ProviderCircuit({ context, provider }: { context: PageContext; provider: ProviderStatus }): JSX.Element {
  const { circuit, reason, openSince, probeAt } = provider;
  if (circuit === 'closed') return <Badge tone="good" icon="accepted" label={t('OK')} />;
  return (
    <div>
      <Badge tone="bad" icon="pause" label={t('Down (not used)')} />
      {reason !== undefined && (
        <p>
          <code class="code" safe>
            {reason}
          </code>{' '}
          <span class="muted" safe>
            {explainCircuit({ ...provider, reason }) ?? ''}
          </span>
        </p>
      )}
      {openSince !== undefined && (
        <p class="muted">
          <Text of="since" /> <When context={context} at={openSince} only="relative" />
          {probeAt !== undefined && (
            <>
              {', '}
              <Text of="next check" /> <When context={context} at={probeAt} only="relative" />
            </>
          )}
        </p>
      )}
    </div>
  );
}

/** In the unit that SMTP_URL has it in: `30/min` and `100/min`, which is no whole number of mails per second. */
export function formatRate(perSecond: number): string {
  const units = [
    [1, 's'],
    [60, 'min'],
    [3600, 'h'],
    [86_400, 'day'],
  ] as const;
  const isWhole = (amount: number) => amount >= 1 && Math.abs(amount - Math.round(amount)) < 1e-6 * amount;
  const [seconds, unit] = units.find(([length]) => isWhole(perSecond * length)) ?? [86_400, 'day'];
  return `${formatNumber(Math.round(perSecond * seconds))}/${unit}`;
}
