/** Notices above every page while something concerns all mail: nothing is sent, some of it is held back, or Redis may lose it. */
import { downProviders, type Pause } from '@posthouse/queue';
import { Notice } from '@posthouse/web';
import { When } from './elements.tsx';
import type { PageContext } from './page-context.ts';
import { explainCircuit } from './reason-explanations.tsx';
import type { SystemStatus } from './system-status.ts';
import { Text, t } from './translate.ts';

/** @param isOnProviders on the page of the providers, which has no link to itself */
export function SystemNotices({
  context,
  status,
  isOnProviders = false,
}: {
  context: PageContext;
  status: SystemStatus;
  isOnProviders?: boolean;
}): JSX.Element {
  const { pauses, byTool, workers, risks } = status;
  return (
    <>
      {workers === 0 && (
        <Notice tone="bad" title={t('No worker is running, so no mail is sent.')}>
          <p>
            <Text of="Mails are accepted and wait in the queue. Start a worker:" /> <code class="code">npm run worker</code>
          </p>
        </Notice>
      )}
      {byTool && (
        <Notice tone="warn" title={t('Another tool has paused the queue: no mail is sent.')}>
          <p>
            <a href="/queue" safe>
              {t('Go to the queue')}
            </a>
          </p>
        </Notice>
      )}
      {pauses.length > 0 && <PauseNotice context={context} pauses={pauses} />}
      {downProviders(status.providers).map(({ name, reason, account, step, probeAt }) => (
        <Notice tone="warn" title={t('{name} is down and not used.', { name })}>
          <p>
            {!isOnProviders && (
              <>
                <a href="/providers" safe>
                  {t('Go to the providers')}
                </a>
                {reason !== undefined && ' · '}
              </>
            )}
            {reason !== undefined && (
              <>
                <code class="code" safe>
                  {reason}
                </code>{' '}
                <span safe>{explainCircuit({ reason, account, step }) ?? ''}</span>
              </>
            )}
            {probeAt !== undefined && (
              <>
                {(reason !== undefined || !isOnProviders) && ' · '}
                <Text of="next check" /> <When context={context} at={probeAt} only="relative" />
              </>
            )}
          </p>
        </Notice>
      ))}
      {risks.includes('evicts') && (
        <Notice tone="warn" title={t('Redis may evict mails when it is full.')}>
          <p safe>{t('Set maxmemory-policy noeviction in Redis.')}</p>
        </Notice>
      )}
      {risks.includes('unknown') && (
        <Notice tone="info" title={t('Redis does not show whether it keeps mails: CONFIG is forbidden.')}>
          <p safe>{t('Set maxmemory-policy noeviction, appendonly yes and appendfsync always, or what the service has for them.')}</p>
        </Notice>
      )}
      {risks.includes('forgets') && (
        <Notice tone="warn" title={t('Redis may lose accepted mails in a crash.')}>
          <p safe>{t('Set appendonly yes and appendfsync always in Redis.')}</p>
        </Notice>
      )}
    </>
  );
}

/** Names of pauses that a notice lists; of more it says how many. */
const maxListed = 3;

function PauseNotice({ context, pauses }: { context: PageContext; pauses: readonly Pause[] }): JSX.Element {
  const listed = pauses.slice(0, maxListed);
  return (
    <Notice
      tone="warn"
      title={pauses.some(({ scope }) => scope === 'everything') ? t('Everything is paused: no mail is sent.') : t('Some mail is paused.')}
    >
      <ul>
        {listed.map((pause) => (
          <li>
            <PausedBy context={context} pause={pause} />
          </li>
        ))}
      </ul>
      <p>
        {pauses.length > listed.length && <Text of="{count} more" values={{ count: pauses.length - listed.length }} />}{' '}
        <a href="/queue" safe>
          {t('Go to the queue')}
        </a>
      </p>
    </Notice>
  );
}

/** What is paused, by whom and why, since when and until when: `Template receipt, paused by anne: broken receipt`. */
export function PausedBy({ context, pause }: { context: PageContext; pause: Pause }): JSX.Element {
  const { by, since, until, reason } = pause;
  return (
    <span>
      <b safe>{pauseName(pause)}</b>{' '}
      <span safe>{reason === undefined ? t('paused by {by}', { by }) : t('paused by {by}: {reason}', { by, reason })}</span>{' '}
      <span class="muted">
        <Text of="since" /> <When context={context} at={since} only="dateTime" />
        {until === undefined ? (
          <Text of="· until a user ends it" />
        ) : (
          <>
            <Text of="· until" /> <When context={context} at={until} only="dateTime" />
          </>
        )}
      </span>
    </span>
  );
}

/** What a pause is of: `Template receipt`. */
export function pauseName({ scope, name = '?' }: Pick<Pause, 'scope' | 'name'>): string {
  switch (scope) {
    case 'everything':
      return t('Everything');
    case 'template':
      return t('Template {name}', { name });
    case 'tag':
      return t('Tag {name}', { name });
    case 'provider':
      return t('Provider {name}', { name });
    case 'domain':
      return t('Recipients at {name}', { name });
  }
}
