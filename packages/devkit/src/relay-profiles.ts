/**
 * Relays that people use, as profiles of `SmtpServer`: what their EHLO reply offers, their limits, and the replies that they refuse with.
 *
 * Numbers are the vendor's where it publishes one; `relayProfile` replaces them, so that a test reaches a limit with a few mails. Replies
 * have the vendor's code and text, with example ids. To add a relay, add an entry to `relayProfiles`.
 *
 * Sources: office365: learn.microsoft.com, "SMTP AUTH client submission limits" and "NDR error codes in Exchange Online".
 * ses: docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html. gmail, workspace-relay: support.google.com/a/answer/3726730 (error codes),
 * support.google.com/a/answer/2956491 (relay). exim: the option list of the Exim specification, and smtp_in.c. naver: replies of
 * smtp.naver.com in bug reports. qq: help.mail.qq.com/detail/108/1023, and replies of smtp.qq.com in bug reports.
 */
import type { SmtpPhase } from './smtp-fault.ts';

/** What a relay limits. */
export type RelayLimitName =
  /** Connections at a time. */
  | 'connections'
  /** Successful logins until `SmtpServer.resetLimits`. */
  | 'logins'
  /** MAIL commands of one connection. */
  | 'messagesPerConnection'
  /** Messages per second, of all connections together. */
  | 'rate'
  /** Accepted messages until `SmtpServer.resetLimits`. */
  | 'quota'
  /** Recipients of one transaction. */
  | 'recipients'
  /** ms that a connection may be idle. The reply is sent unasked, and the connection is closed. */
  | 'idleMs';

/** A limit, and the reply to what exceeds it. */
export interface RelayLimit {
  max: number;
  /** Where it replies; IDLE while it waits for a command. */
  phase: SmtpPhase | 'IDLE';
  reply: string;
}

/** A refusal, to be planned with `SmtpServer.refuse`. */
export interface RelayRefusal {
  phase: SmtpPhase;
  reply: string;
}

/** How one relay behaves. */
export interface RelayProfile {
  /** Its name for people. */
  title: string;
  /** How clients connect to it: TLS from the first byte (port 465), or STARTTLS (port 587). */
  mode: 'implicit-tls' | 'starttls';
  /** The lines of its EHLO reply over TLS, without CHUNKING and BINARYMIME, which this server does not implement. */
  ehlo: readonly string[];
  limits: Readonly<Partial<Record<RelayLimitName, RelayLimit>>>;
  /** Names in EHLO that it refuses. */
  refusedEhlo?: { name: RegExp; reply: string };
  /** Other refusals that it is known for, by what they mean. */
  refusals: Readonly<Record<string, RelayRefusal>>;
}

const exchangeServer = '[SE1P216CA0072.KORP216.PROD.OUTLOOK.COM 2026-11-26T02:30:00.000Z 08DE2B0E5C0A1B2C]';

/** The profiles, by the name that `npm start -- --relay` takes. */
export const relayProfiles = {
  office365: {
    title: 'Office 365 (smtp.office365.com)',
    mode: 'starttls',
    // No PLAIN.
    ehlo: ['SIZE 157286400', 'PIPELINING', 'DSN', 'ENHANCEDSTATUSCODES', 'AUTH LOGIN XOAUTH2', '8BITMIME', 'SMTPUTF8'],
    limits: {
      connections: { max: 3, phase: 'MAIL', reply: `432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded ${exchangeServer}` },
      // The vendor counts recipients.
      quota: {
        max: 10_000,
        phase: 'DOT',
        reply:
          '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a permanent exception ' +
          `with message The message can't be submitted because the sender's submission quota was exceeded. ${exchangeServer}`,
      },
      recipients: { max: 500, phase: 'RCPT', reply: '452 4.5.3 Too many recipients' },
    },
    refusals: {
      dailyRecipientLimit: {
        phase: 'DOT',
        reply: "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
      },
      tenantBlocked: { phase: 'RCPT', reply: '550 5.7.705 Access denied, tenant has exceeded threshold' },
      senderBlocked: { phase: 'DOT', reply: '550 5.1.8 Access denied, bad outbound sender' },
      sendAsDenied: { phase: 'DOT', reply: '550 5.7.60 SMTP; Client does not have permissions to send as this sender' },
      sendAsDeniedByStore: {
        phase: 'DOT',
        reply:
          '554 5.2.252 SendAsDenied; hello@example.com not allowed to send as hello@example.net; ' +
          `STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied ${exchangeServer}`,
      },
      submissionDisabled: {
        phase: 'AUTH',
        reply:
          '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. ' +
          `Visit https://aka.ms/smtp_auth_disabled for more information. ${exchangeServer}`,
      },
      wrongPassword: {
        phase: 'AUTH',
        reply: `535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. ${exchangeServer}`,
      },
      notLoggedIn: { phase: 'MAIL', reply: `530 5.7.57 Client not authenticated to send mail. ${exchangeServer}` },
    },
  },

  ses: {
    title: 'Amazon SES (email-smtp.<region>.amazonaws.com)',
    mode: 'implicit-tls',
    // Neither PIPELINING nor ENHANCEDSTATUSCODES.
    ehlo: ['8BITMIME', 'SIZE 10485760', 'AUTH PLAIN LOGIN', 'Ok'],
    limits: {
      // Not published; users report from 350 to 1,000.
      messagesPerConnection: { max: 350, phase: 'MAIL', reply: '421 Maximum message count per session reached' },
      rate: { max: 14, phase: 'DOT', reply: '454 Throttling failure: Maximum sending rate exceeded.' },
      quota: { max: 50_000, phase: 'DOT', reply: '454 Throttling failure: Daily message quota exceeded.' },
      idleMs: { max: 10_000, phase: 'IDLE', reply: '451 4.4.2 Timeout waiting for data from client.' },
    },
    refusals: {
      notVerified: {
        phase: 'DOT',
        reply:
          '554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: hello@example.com',
      },
      paused: { phase: 'DOT', reply: '554 Message rejected: Sending paused for this account. For more information, check the inbox' },
      tooManyConnections: { phase: 'CONNECT', reply: '421 Too many concurrent SMTP connections' },
      wrongPassword: { phase: 'AUTH', reply: '535 Authentication Credentials Invalid' },
      loginUnavailable: { phase: 'AUTH', reply: '454 Temporary authentication failure' },
    },
  },

  gmail: {
    title: 'Gmail (smtp.gmail.com)',
    mode: 'implicit-tls',
    ehlo: [
      'SIZE 35882577',
      '8BITMIME',
      'AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH',
      'ENHANCEDSTATUSCODES',
      'PIPELINING',
      'SMTPUTF8',
    ],
    limits: {
      // 2,000 for an account of Google Workspace.
      quota: {
        max: 500,
        phase: 'DOT',
        reply:
          '550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\r\n550-5.4.5 sending limits go to\r\n' +
          '550 5.4.5  https://support.google.com/a/answer/166852 4fb4d7f45d1cf-64d5c0e0c5asm1234567a12.3 - gsmtp',
      },
      recipients: { max: 100, phase: 'RCPT', reply: '452 4.5.3 Your message has too many recipients. - gsmtp' },
    },
    refusals: {
      tooManyLogins: {
        phase: 'AUTH',
        reply:
          '454-4.7.0 Too many login attempts, please try again later. For more\r\n454-4.7.0 information, go to\r\n' +
          '454 4.7.0  https://support.google.com/mail/answer/7126229 4fb4d7f45d1cf-64d5c0e0c5asm1234567a12.3 - gsmtp',
      },
      wrongPassword: {
        phase: 'AUTH',
        reply:
          '535-5.7.8 Username and Password not accepted. For more information, go to\r\n' +
          '535 5.7.8  https://support.google.com/mail/?p=BadCredentials 4fb4d7f45d1cf-64d5c0e0c5asm1234567a12.3 - gsmtp',
      },
      closing: { phase: 'CONNECT', reply: '421 4.7.0 Try again later, closing connection. - gsmtp' },
      recipientBusy: {
        phase: 'RCPT',
        reply:
          '450-4.2.1 The user you are trying to contact is receiving mail too quickly.\r\n450-4.2.1 Please resend your message at a later time.\r\n' +
          '450 4.2.1  https://support.google.com/mail/?p=ReceivingRate - gsmtp',
      },
    },
  },

  'workspace-relay': {
    title: 'Google Workspace relay (smtp-relay.gmail.com)',
    mode: 'starttls',
    ehlo: [
      'SIZE 157286400',
      '8BITMIME',
      'AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH',
      'ENHANCEDSTATUSCODES',
      'PIPELINING',
      'SMTPUTF8',
    ],
    limits: {
      quota: {
        max: 10_000,
        phase: 'DOT',
        reply:
          '550-5.7.1 Daily SMTP relay limit exceeded for customer. For more information on\r\n550-5.7.1 SMTP relay sending limits please contact\r\n' +
          '550 5.7.1 your administrator. 4fb4d7f45d1cf-64d5c0e0c5asm1234567a12.3 - gsmtp',
      },
      recipients: { max: 100, phase: 'RCPT', reply: '452 4.5.3 Your message has too many recipients. - gsmtp' },
    },
    // A client without a host name of its own sends an address literal (RFC 5321 section 4.1.3).
    refusedEhlo: {
      name: /^\[|^localhost$/i,
      reply:
        '421-4.7.0 Try again later, closing connection. (EHLO)\r\n421-4.7.0 For more information, go to\r\n' +
        '421 4.7.0  https://support.google.com/a/answer/3221692 4fb4d7f45d1cf-64d5c0e0c5asm1234567a12.3 - gsmtp',
    },
    refusals: {
      userLimit: { phase: 'DOT', reply: '550 5.4.5 Daily SMTP relay limit exceeded for user. - gsmtp' },
      peak: { phase: 'DOT', reply: '450 4.2.1 Peak SMTP relay limit exceeded for customer. - gsmtp' },
      notRegistered: { phase: 'MAIL', reply: '550 5.7.1 Invalid credentials for relay [203.0.113.7]. - gsmtp' },
    },
  },

  exim: {
    title: 'Exim with its default limits',
    mode: 'starttls',
    ehlo: ['SIZE 52428800', '8BITMIME', 'PIPELINING', 'AUTH PLAIN LOGIN', 'HELP'],
    limits: {
      // smtp_accept_max, smtp_accept_max_per_connection
      connections: { max: 20, phase: 'CONNECT', reply: '421 Too many concurrent SMTP connections; please try again later.' },
      messagesPerConnection: { max: 1000, phase: 'MAIL', reply: '421 too many messages in this connection' },
    },
    refusals: {
      relayNotPermitted: { phase: 'RCPT', reply: '550 relay not permitted' },
      wrongPassword: { phase: 'AUTH', reply: '535 Incorrect authentication data' },
      highLoad: { phase: 'CONNECT', reply: '421 Too much load; please try again later.' },
    },
  },

  naver: {
    title: 'Naver (smtp.naver.com)',
    mode: 'implicit-tls',
    ehlo: ['SIZE 20971520', '8BITMIME', 'PIPELINING', 'SMTPUTF8', 'AUTH PLAIN LOGIN', 'ENHANCEDSTATUSCODES'],
    limits: {
      // The text is not published.
      recipients: { max: 100, phase: 'RCPT', reply: '452 4.5.3 Too many recipients xJ2m1Q0TQfWkq0k6dYhN1A - nsmtp' },
    },
    refusals: {
      // Also what Naver replies while SMTP is switched off in the settings of the mailbox.
      senderNotAllowed: { phase: 'DOT', reply: '554 5.7.1 The sender address is unauthorized xJ2m1Q0TQfWkq0k6dYhN1A - nsmtp' },
      wrongPassword: { phase: 'AUTH', reply: '535 5.7.1 Username and Password not accepted xJ2m1Q0TQfWkq0k6dYhN1A - nsmtp' },
    },
  },

  qq: {
    title: 'QQ Mail (smtp.qq.com)',
    mode: 'implicit-tls',
    ehlo: ['PIPELINING', 'SIZE 73400320', 'AUTH LOGIN PLAIN XOAUTH XOAUTH2', 'AUTH=LOGIN', 'MAILCOMPRESS', '8BITMIME'],
    limits: {
      // Not published; a user was refused after 21 logins in a row. The reply has five meanings.
      logins: {
        max: 20,
        phase: 'AUTH',
        reply:
          '535 Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or system is busy. ' +
          'More information at https://help.mail.qq.com/detail/108/1023',
      },
      // Not published.
      connections: { max: 5, phase: 'CONNECT', reply: '550 Connection frequency limited' },
    },
    refusals: {
      senderNotAllowed: { phase: 'MAIL', reply: '501 Mail from address must be same as authorization user.' },
    },
  },
} as const satisfies Record<string, RelayProfile>;

/** The name of a profile. */
export type RelayName = keyof typeof relayProfiles;

/** The names of all profiles. */
export const relayNames = Object.keys(relayProfiles) as RelayName[];

/** @returns whether there is a profile of that name */
export function isRelayName(name: string): name is RelayName {
  return Object.hasOwn(relayProfiles, name);
}

/**
 * A profile, with other numbers in its limits: `relayProfile('ses', { quota: 20 })`.
 * @throws RangeError for a limit that the relay does not have
 */
export function relayProfile(name: RelayName, numbers: Partial<Record<RelayLimitName, number>> = {}): RelayProfile {
  const profile: RelayProfile = relayProfiles[name];
  const changed = Object.entries(numbers).map(([limit, max]) => {
    const vendor = profile.limits[limit as RelayLimitName];
    if (vendor === undefined) {
      throw new RangeError(`The relay ${name} has no limit "${limit}"; it has ${Object.keys(profile.limits).join(', ')}`);
    }
    return [limit, { ...vendor, max }];
  });
  return { ...profile, limits: { ...profile.limits, ...Object.fromEntries(changed) } };
}
