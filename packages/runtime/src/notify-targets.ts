/** The HTTP targets of notifications: each gets one POST for each message, bounded in time and size. */
import { type IncidentMessage, limits } from '@posthouse/contract';
import { boundedFetch } from './bounded-fetch.ts';
import type { Logger } from './logger.ts';
import { isQuiet, type NotifySettings } from './notify-settings.ts';

/** One target. */
export interface NotifyTarget {
  name: string;
  /** @throws Error when the target does not answer 2xx in time; the message has neither the URL nor what it answered */
  send: (message: IncidentMessage) => Promise<void>;
  isQuiet: (now: number) => boolean;
}

/** @param timeoutMs until a target must have answered */
export function httpTargets({ webhookUrl, slackUrl, ca, quiet }: NotifySettings, timeoutMs: number): NotifyTarget[] {
  const post = boundedFetch({ ca, timeoutMs, maxBytes: limits.incidents.responseBytes });
  const target = (name: string, url: string | undefined, bodyOf: (message: IncidentMessage) => object): NotifyTarget[] => {
    if (url === undefined) return [];
    const send = async (message: IncidentMessage) => {
      const body = JSON.stringify(bodyOf(message));
      const { status } = await post(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      if (status < 200 || status > 299) throw new Error(`the target answered ${status}`);
    };
    return [{ name, send, isQuiet: (now) => isQuiet(quiet, now) }];
  };
  return [
    ...target('webhook', webhookUrl, (message) => message),
    ...target('slack', slackUrl, (message) => ({ text: incidentText(message) })),
  ];
}

/** A message in a line or two for people. */
export function incidentText({ event, severity, summary, since, until, runbook }: IncidentMessage): string {
  const what = event === 'began' ? `Posthouse, ${severity}: ${summary}.` : `Posthouse, ended: ${summary}.`;
  return `${what} Since ${since}${until === undefined ? '' : `, until ${until}`}. What to do: ${runbook}`;
}

/** @returns what logs each message that was sent to a target, with `error` where it did not arrive */
export function notificationLog(log: Logger): (fields: object, error?: Error) => void {
  return (fields, error) => {
    if (error === undefined) log.info(fields, 'notification sent');
    else log.warn({ ...fields, err: { message: error.message } }, 'notification not sent');
  };
}
