/** The SMTP server that all ways send to: the measuring one, or any other by its URL. */
import { CertificateAuthority } from '@posthouse/devkit';
import { Child } from './child.ts';
import type { SmtpSink } from './smtp-sink.ts';

const account = { user: 'posthouse', pass: 'bench' };

/** What nodemailer needs to log in. */
export interface SmtpSettings {
  host: string;
  port: number;
  secure: boolean;
  auth: { user: string; pass: string } | undefined;
  ca: string | undefined;
}

/** One SMTP server. */
export class SmtpTarget {
  /** As SMTP_URL takes it. */
  readonly url: string;
  /** To trust besides the public authorities. */
  readonly ca: CertificateAuthority | undefined;
  /** The measuring server; undefined for a server given by its URL, of which it is not known when a message arrives. */
  readonly sink: Child<SmtpSink> | undefined;

  private constructor(url: string, ca?: CertificateAuthority, sink?: Child<SmtpSink>) {
    this.url = url;
    this.ca = ca;
    this.sink = sink;
  }

  /** A measuring server of its own. @param delayMs that each reply, or each group of replies, takes more */
  static async start(delayMs = 0): Promise<SmtpTarget> {
    const ca = await CertificateAuthority.create();
    const sink = new Child<SmtpSink>('servers/smtp-sink');
    const port = await sink.call.start(await ca.issue({ hosts: ['localhost', '127.0.0.1'] }));
    await sink.call.setDelay(delayMs);
    return new SmtpTarget(`smtps://${account.user}:${account.pass}@localhost:${port}`, ca, sink);
  }

  /** @param url as SMTP_URL has it: `smtps://user:password@host:465` */
  static at(url: string): SmtpTarget {
    return new SmtpTarget(url);
  }

  /** As the baselines need it. */
  get settings(): SmtpSettings {
    const { protocol, hostname, port, username, password } = new URL(this.url);
    const secure = protocol === 'smtps:';
    return {
      host: hostname,
      port: port === '' ? (secure ? 465 : 587) : Number(port),
      secure,
      auth: username === '' ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      ca: this.ca?.caPem,
    };
  }

  async stop(): Promise<void> {
    await this.sink?.stop();
  }
}
