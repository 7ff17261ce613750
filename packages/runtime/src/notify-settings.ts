/** Where notifications of incidents go, and when not: the variables that API and worker read. */
import type { EnvReader } from './env-reader.ts';
import { certificateFile, type Parser, text } from './env-values.ts';

/** The hours in which only what is always urgent is sent. */
export interface QuietHours {
  /** Minutes of the day. The end may be before the beginning: the next day. */
  from: number;
  to: number;
  /** A name of the IANA time zone database. */
  zone: string;
}

/** Where notifications go; nowhere by default. */
export interface NotifySettings {
  /** Gets each message as JSON. */
  webhookUrl: string | undefined;
  /** Gets each message as Slack's incoming webhooks take it. */
  slackUrl: string | undefined;
  /** PEM of a private certificate authority to trust besides the public ones. */
  ca: string | undefined;
  quiet: QuietHours | undefined;
}

/** Reads NOTIFY_WEBHOOK_URL, NOTIFY_SLACK_URL, NOTIFY_CA_FILE, NOTIFY_QUIET_HOURS and NOTIFY_TIME_ZONE. */
export function readNotifySettings(read: EnvReader, isProduction: boolean): NotifySettings {
  const hours = read.optional('NOTIFY_QUIET_HOURS', quietHours);
  const zone = read.withDefault('NOTIFY_TIME_ZONE', timeZone, 'UTC');
  return {
    webhookUrl: read.orFile.optional('NOTIFY_WEBHOOK_URL', targetUrl(isProduction)),
    slackUrl: read.orFile.optional('NOTIFY_SLACK_URL', targetUrl(isProduction)),
    ca: read.optional('NOTIFY_CA_FILE', certificateFile),
    quiet: hours && { ...hours, zone },
  };
}

/** @param now ms since the epoch */
export function isQuiet(quiet: QuietHours | undefined, now: number): boolean {
  if (quiet === undefined) return false;
  const { from, to, zone } = quiet;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const minute = minuteOf(format.format(now));
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

function targetUrl(isProduction: boolean): Parser<string> {
  return (raw) => {
    const url = URL.canParse(raw) ? new URL(raw) : undefined;
    const isLoopback = url?.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
    if (url === undefined || url.username !== '' || !(url.protocol === 'https:' || (isLoopback && !isProduction)))
      throw new Error('must be an https:// URL without a user; http:// only to this machine, outside production');
    return raw;
  };
}

const quietHours: Parser<{ from: number; to: number }> = (raw) => {
  const time = '([01]\\d|2[0-3]):[0-5]\\d';
  if (!new RegExp(`^${time}-${time}$`).test(raw)) throw new Error('must be two times of day, such as 22:00-07:00');
  const [from = '', to = ''] = raw.split('-');
  return { from: minuteOf(from), to: minuteOf(to) };
};

const timeZone: Parser<string> = (raw) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text(raw) });
    return raw;
  } catch {
    throw new Error('must be a time zone such as Asia/Seoul');
  }
};

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
