/** What each provider did in the period: outcomes, use, and how long each step of SMTP took. */
import type { SmtpPhase } from '@posthouse/contract';
import type { ProviderFigures, ProviderStatus, Quantiles } from '@posthouse/queue';
import { EmptyState } from '@posthouse/web';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { formatDuration, formatShare, minForShares } from '../ui/duration-text.ts';
import { When } from '../ui/elements.tsx';
import type { PageContext } from '../ui/page-context.ts';
import { pauseOf } from '../ui/paused-mark.tsx';
import { formatNumber, Text, t, text } from '../ui/translate.ts';
import { formatRate, ProviderName, ProviderUse } from './provider-list.tsx';

interface FiguresProps {
  context: PageContext;
  providers: readonly ProviderStatus[];
  figures: ReadonlyMap<string, ProviderFigures>;
}

/** The phases in their order, by what a person calls them. */
const phases: readonly [SmtpPhase, string][] = [
  ['connect', text('TCP and TLS')],
  ['greeting', text('greeting')],
  ['ehlo', 'EHLO'],
  ['starttls', 'STARTTLS'],
  ['auth', text('login')],
  ['mail', 'MAIL'],
  ['rcpt', 'RCPT'],
  ['data', 'DATA'],
  ['block', text('message')],
  ['dot', text('reply to the message')],
];

export function ProviderTable({ context, providers, figures }: FiguresProps): JSX.Element {
  const columns: Column[] = [
    { title: t('Provider') },
    { title: t('Circuit') },
    { title: t('Sent'), number: true },
    { title: t('Failed'), number: true },
    { title: t('Temporary'), number: true },
    { title: t('Deferred'), number: true },
    { title: t('Slowest step') },
    { title: t('Rate used'), number: true },
    { title: t('Connections'), number: true },
    { title: t('Last success') },
  ];
  if (providers.length === 0) {
    return (
      <section class="card">
        <EmptyState title={t('No providers')} lit={false}>
          <p class="muted" safe>
            {t('Running workers report the providers that they use.')}
          </p>
        </EmptyState>
      </section>
    );
  }
  return (
    <section class="card flush">
      <DataTable
        label={t('Providers')}
        columns={columns}
        rows={providers.map((provider) => row(context, provider, figures.get(provider.name)))}
      />
    </section>
  );
}

function row(context: PageContext, provider: ProviderStatus, of: ProviderFigures | undefined): JSX.Element[] {
  const { name, ratePerSecond, connections, maxConnections } = provider;
  const { sent = 0, failed = 0, retried = 0, deferred = 0, unknown = 0, mailsLastMinute = 0, lastAccepted } = of ?? {};
  const total = sent + failed + retried + deferred + unknown;
  const pause = pauseOf(context, { scope: 'provider', name });
  const slowest = slowestOf(of);
  return [
    <div>
      <ProviderName provider={provider} />
      {context.may('operator') && pause === undefined && (
        <p>
          <a
            href={`/queue/pause?${new URLSearchParams({ scope: 'provider', name, change: 'yes' })}`}
            aria-label={t('Pause {name}…', { name })}
            safe
          >
            {t('Pause…')}
          </a>
        </p>
      )}
    </div>,
    <ProviderUse context={context} provider={provider} />,
    <span safe>{formatNumber(sent)}</span>,
    <Share part={failed} whole={total} />,
    <Share part={retried} whole={total} />,
    <Share part={deferred} whole={total} />,
    slowest === undefined ? <span class="muted">–</span> : <span safe>{slowestText(slowest)}</span>,
    ratePerSecond === undefined ? (
      <span class="muted">–</span>
    ) : (
      <span safe>
        {t('{share} of {rate}', { share: formatShare(mailsLastMinute, ratePerSecond * 60), rate: formatRate(ratePerSecond) })}
      </span>
    ),
    <span safe>{t('{open} of {max}', { open: formatNumber(connections), max: formatNumber(maxConnections) })}</span>,
    lastAccepted === undefined ? <Text of="none yet" /> : <When context={context} at={lastAccepted} only="relative" />,
  ];
}

function Share({ part, whole }: { part: number; whole: number }): JSX.Element {
  return <span safe>{part === 0 ? '0' : `${formatNumber(part)} (${formatShare(part, whole)})`}</span>;
}

/** The step that takes longest at 95 %. */
function slowestOf(of: ProviderFigures | undefined): (Quantiles & { label: string }) | undefined {
  const steps = phases.flatMap(([phase, label]) => {
    const quantiles = of?.phases[phase];
    return quantiles === undefined ? [] : [{ ...quantiles, label: t(label) }];
  });
  return steps.sort((one, other) => other.p95 - one.p95)[0];
}

function slowestText({ count, p95, all, label: step }: Quantiles & { label: string }): string {
  return count < minForShares
    ? t('{step}: all within {limit}', { step, limit: formatDuration(all) })
    : t('{step}: 95 % within {limit}', { step, limit: formatDuration(p95) });
}

/** Each step of SMTP with each provider: p50 and p95; of few what none exceeded. */
export function StepTable({ providers, figures }: Pick<FiguresProps, 'providers' | 'figures'>): JSX.Element {
  const names = [...new Set(providers.map(({ name }) => name))];
  const used = phases.filter(([phase]) => names.some((name) => figures.get(name)?.phases[phase] !== undefined));
  return (
    <section class="card flush">
      <div class="card-head">
        <h2 safe>{t('How long each step takes')}</h2>
        <span class="muted" safe>
          {t('half within · 95 % within')}
        </span>
      </div>
      {used.length === 0 ? (
        <EmptyState title={t('No mail was sent')} />
      ) : (
        <DataTable
          label={t('How long each step takes')}
          columns={[{ title: t('Step') }, ...names.map((title) => ({ title, number: true }))]}
          rows={used.map(([phase, label]) => [
            <b safe>{t(label)}</b>,
            ...names.map((name) => {
              const quantiles = figures.get(name)?.phases[phase];
              return <span safe>{quantiles === undefined ? '–' : stepText(quantiles)}</span>;
            }),
          ])}
        />
      )}
    </section>
  );
}

function stepText({ count, p50, p95, all }: Quantiles): string {
  return count < minForShares ? t('all within {limit}', { limit: formatDuration(all) }) : `${formatDuration(p50)} · ${formatDuration(p95)}`;
}
