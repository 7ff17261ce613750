/**
 * Replies of relays that are known to speak of the account, whatever their code says: a quota replied as 5xx would fail the whole queue.
 * The words of a reply decide first; without words, an enhanced code that only one vendor uses. Each row has its source: the vendor's
 * page, or a report that quotes the reply.
 *
 * No source is known for the words of Mailjet, OVH, Daum, Postmark, Fastmail and Mandrill.
 */
import type { AccountRefusalKind, DeliveryStep } from '@posthouse/contract';
import type { VerdictRow } from './verdict-row.ts';

/** A row of the verdict table that is known from one relay. It never uses an attempt, whatever happens to other mails. */
export interface AccountRefusal extends VerdictRow {
  verdict: 'DEFER' | 'OPEN';
  ownVerdict?: 'FAIL';
  kind: AccountRefusalKind;
  relay: string;
  /** URL of the page or report that has the reply. */
  source: string;
}

type Conditions = Pick<VerdictRow, 'steps' | 'codes' | 'enhanced' | 'text'>;
type Row = Conditions & { kind: AccountRefusalKind };

const consequences: Readonly<Record<AccountRefusalKind, Omit<AccountRefusal, keyof Conditions | 'kind' | 'relay' | 'source'>>> = {
  quota: { meaning: 'quota of the account used up', verdict: 'OPEN', failure: { kind: 'quota', after: 1 }, alert: true },
  rate: {
    meaning: 'sending rate of the account exceeded',
    verdict: 'DEFER',
    wait: 'rate',
    failure: { kind: 'busy', after: 10 },
    slowDown: 'rate',
  },
  login: { meaning: 'login refused or required', verdict: 'OPEN', failure: { kind: 'login', after: 1 }, alert: true },
  suspended: { meaning: 'the account is blocked or not activated', verdict: 'OPEN', failure: { kind: 'quota', after: 1 }, alert: true },
  'sender-not-allowed': {
    meaning: 'the account may not send from this address',
    verdict: 'DEFER',
    // Mails from other addresses may be accepted: then the refusal is this mail's own.
    ownVerdict: 'FAIL',
    wait: 'senderNotAllowed',
    failure: { kind: 'quota', after: 5 },
    alert: true,
  },
  busy: {
    meaning: 'the provider wants fewer connections',
    verdict: 'DEFER',
    wait: 'busy',
    failure: { kind: 'busy', after: 5 },
    slowDown: 'connections',
  },
  'connection-rate': {
    meaning: 'connections come too often for the provider',
    verdict: 'OPEN',
    failure: { kind: 'busy', after: 1 },
    slowDown: 'connections',
  },
  'connection-limit': { meaning: 'the connection has had its messages or its time', verdict: 'OPEN', failure: { kind: 'busy', after: 1 } },
};

/** A refusal at RCPT may come from the recipient's server: rows apply there only when they say so. */
const exceptRcpt: readonly DeliveryStep[] = ['CONNECT', 'AUTH', 'MAIL', 'DATA', 'DOT'];
const alsoRcpt: Conditions = { steps: [...exceptRcpt, 'RCPT'] };

const row =
  (kind: AccountRefusalKind) =>
  (text?: RegExp, conditions: Conditions = {}): Row => ({ kind, ...(text !== undefined && { text }), ...conditions });
const quota = row('quota');
const rate = row('rate');
const login = row('login');
const suspended = row('suspended');
const sender = row('sender-not-allowed');
const busyWith = row('busy');
const connectionRate = row('connection-rate');
const connectionLimit = row('connection-limit');

function from(relay: string, source: string, rows: readonly Row[]): AccountRefusal[] {
  return rows.map((conditions) => ({ steps: exceptRcpt, ...consequences[conditions.kind], ...conditions, relay, source }));
}

const office = 'Office 365';
const exchangeErrors = 'https://learn.microsoft.com/en-us/troubleshoot/exchange/email-delivery/ndr/non-delivery-reports-in-exchange-online';
const gmailErrors = 'https://support.google.com/a/answer/3726730';
const sesErrors = 'https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-smtp.html';
const netEaseErrors = 'https://biecuoliao.com/pa/MBRrwEM.html';

/** The rows; the first that matches decides. */
export const accountRefusals: readonly AccountRefusal[] = [
  ...from(office, 'https://learn.microsoft.com/en-us/exchange/troubleshoot/send-emails/smtp-submission-improvements', [
    quota(/storedrv\.submission\.exception:submissionquotaexceeded/i),
    quota(/storedrv\.submission\.exception:quotaexceeded/i), // the sender's own mailbox is full
    busyWith(/concurrent connections? limit exceeded/i),
  ]),
  ...from(office, 'https://techcommunity.microsoft.com/t5/exchange-team-blog/-/ba-p/607825', [busyWith(/sender thread limit exceeded/i)]),
  ...from(office, 'https://learn.microsoft.com/en-us/exchange/mail-flow-best-practices/continuous-error-throttling-smtp-auth-submissions', [
    quota(/sender throttled due to continuous/i),
  ]),
  ...from(office, exchangeErrors, [
    quota(/submission quota (was )?exceeded/i),
    quota(/daily limit for message recipients/i, alsoRcpt),
    quota(undefined, { ...alsoRcpt, codes: [550], enhanced: ['5.1.90', '5.7.232', '5.7.233'] }),
    suspended(/bad outbound sender/i),
    suspended(/tenant has exceeded threshold|traffic not accepted from this ip/i, alsoRcpt),
    suspended(/access denied, (banned sender|spam abuse detected)/i),
    suspended(undefined, { ...alsoRcpt, codes: [550], enhanced: ['5.7.705', '5.7.708'] }),
    sender(/blocked from sending from unregistered domains/i, alsoRcpt),
    login(/client was not authenticated|client not authenticated to send/i),
    busyWith(/access denied, please try again later/i),
  ]),
  ...from(office, 'https://github.com/gophish/gophish/issues/2900', [sender(/sendasdenied/i)]),
  ...from('Exchange', 'https://github.com/nodemailer/nodemailer/issues/145', [sender(/permissions? to send as this sender/i)]),
  ...from('Outlook.com', 'https://github.com/DesertsP/Valine-Admin/issues/26', [suspended(/wascl useraction verdict is not none/i)]),

  ...from('Gmail', gmailErrors, [
    quota(/daily (user )?sending (limit|quota) exceeded/i, alsoRcpt),
    quota(/daily smtp relay (sending )?(limit|quota) exceeded/i, alsoRcpt),
    rate(/peak smtp relay limit exceeded/i),
    sender(/mail relay denied|invalid credentials for relay/i, alsoRcpt),
    connectionLimit(/timeout - closing connection/i),
  ]),
  ...from('Gmail', 'https://github.com/nodemailer/nodemailer/issues/1388', [login(/too many login attempts/i)]),

  ...from('Amazon SES', sesErrors, [
    quota(/daily message quota exceeded/i),
    rate(/maximum (sigv2 smtp )?sending rate exceeded/i),
    sender(/email address is not verified/i),
    login(/is not authorized to perform .?ses:/i),
    suspended(/account not subscribed/i),
    busyWith(/too many concurrent smtp connections/i),
  ]),
  ...from('Amazon SES', 'https://github.com/yegor256/0pdd/issues/275', [suspended(/sending (paused|suspended) for this account/i)]),
  ...from('Amazon SES', 'https://github.com/knadh/listmonk/issues/2683', [
    connectionLimit(/maximum message count per session reached/i),
    connectionLimit(/too many messages in (this|one) (connection|session)/i),
  ]),
  ...from('Amazon SES', 'https://github.com/knadh/listmonk/issues/81', [connectionLimit(/timeout waiting for data from client/i)]),

  ...from('SendGrid', 'https://github.com/mautic/mautic/issues/8721', [quota(/maximum credits exceeded/i)]),
  ...from('SendGrid', 'https://github.com/WA-WF-Bot/WA-WF-Bot-Public/issues/282', [quota(/you.ve exceeded your messaging limits/i)]),
  ...from('SendGrid', 'https://github.com/sahat/hackathon-starter/issues/1083', [sender(/does not match a verified sender identity/i)]),
  ...from('SendGrid', 'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/smtp-errors-and-troubleshooting', [
    sender(/not authorized to send from that email address/i),
  ]),
  ...from('SendGrid', 'https://github.com/sendgrid/docs/issues/6473', [login(/unauthenticated senders not allowed/i, alsoRcpt)]),
  ...from('Mailgun', 'https://github.com/coopdevs/timeoverflow/issues/820', [quota(/not allowed to send: recipient limit exceeded/i)]),
  ...from('Mailgun', 'https://github.com/pivorakmeetup/pivorak-web-app/issues/557', [quota(/account is on probation/i)]),
  ...from('Mailgun', 'https://github.com/Monstrarrr/rebutify/issues/162', [suspended(/please activate your mailgun account/i)]),
  ...from('Brevo', 'https://github.com/supabase/agent-skills/issues/133', [suspended(/account is not yet activated/i)]),
  ...from('Brevo', 'https://github.com/frappe/frappe/issues/38806', [login(/please authenticate first/i)]),
  ...from('SparkPost', 'https://support.sparkpost.com/docs/faq/error-messages-smtp', [sender(/unconfigured sending domain/i)]),
  ...from('Emailit', 'https://emailit.com/docs/smtp/troubleshooting', [
    rate(/messages per second limit exceeded/i),
    quota(/daily message limit exceeded/i),
  ]),
  ...from('SMTP2GO', 'https://github.com/gophish/gophish/issues/1701', [login(/that ip address is not allowed to send/i, alsoRcpt)]),
  ...from('SocketLabs', 'https://help.socketlabs.com/docs/smtp-server-restrictions', [busyWith(/too many connections from your host/i)]),
  ...from('Prolateral outMail', 'https://www.prolateral.com/help/kb/smtp/530-what-does-smtp-554-571-mean.html', [
    quota(/you have exceeded your outmail quota/i, { ...alsoRcpt, codes: [554] }),
  ]),
  ...from('Purelymail', 'https://github.com/Purelymail/purelymail-issues/issues/262', [
    rate(/wait to send more emails/i),
    rate(/wait to send more emails/i, { steps: ['RCPT'], enhanced: ['4.3.2'] }),
  ]),

  ...from(
    'Zoho',
    'https://help.zoho.com/portal/en/community/topic/unable-to-send-message-reason-550-5-4-6-unusual-sending-activity-detected',
    [suspended(/unusual sending activity detected/i)],
  ),
  ...from('Zoho', 'https://help.zoho.com/portal/en/community/topic/issue-with-outgoing-mail', [
    suspended(/^sender address blocked/i, { codes: [554], enhanced: ['5.1.8'] }),
  ]),
  ...from('Zoho', 'https://www.zoho.com/zeptomail/help/api/smtp-error-codes.html', [sender(/relaying disallowed as/i, alsoRcpt)]),
  ...from('Yahoo', 'https://smtp.codes/yahoo', [connectionLimit(/max(imum)? messages?( count)? per connection/i)]),
  ...from('iCloud', 'https://github.com/TryGhost/Ghost/issues/17012', [sender(/from address is not one of your addresses/i)]),
  ...from('iCloud', 'https://support.apple.com/HT4863', [quota(/exceeded your daily sending limit/i)]),
  ...from('Yandex', 'https://github.com/marlam/msmtp/issues/69', [sender(/address rejected: not owned by/i, alsoRcpt)]),
  ...from('Mail.ru', 'https://mailout.ru/2015/09', [suspended(/sending for this account is disabled/i)]),
  ...from('GMX', 'https://github.com/PHPMailer/PHPMailer/issues/1114', [
    quota(/mailbox unavailable failure sending mail\. try again later/i, alsoRcpt),
  ]),
  ...from('IONOS', 'https://github.com/terminal42/contao-notification_center/issues/226', [connectionLimit(/mails per session limit/i)]),

  ...from(
    'Naver',
    'https://www.notion.so/The-sender-address-is-unauthorized-NkEL1BlcQ4yKzxc1hmQMQg-nsmtp-18781c6a95914b55b374d08ff73ee79f',
    [sender(/the sender address is unauthorized/i)],
  ),
  ...from('QQ', 'https://github.com/nodeSolidServer/node-solid-server/issues/1281', [sender(/must be same as authorization user/i)]),
  ...from('QQ', 'https://github.com/meolu/walle-web/issues/289', [connectionRate(/connection frequency limited/i)]),
  ...from('NetEase', 'https://github.com/splitbrain/dokuwiki-plugin-smtp/issues/1', [sender(/mail from must equal authorized user/i)]),
  ...from('NetEase', netEaseErrors, [
    connectionLimit(/\bMI:DMC\b/),
    quota(/\bMI:SFQ\b/),
    busyWith(/\bHL:ICC\b/),
    login(/too much fail authentication/i),
  ]),
  ...from('Aliyun', 'https://www.alibabacloud.com/help/zh/directmail/latest/summary-of-common-email-return-codes-and-solutions', [
    quota(/(daily|monthly) sending quota exceeded|not enough sending quota/i),
    suspended(/main account unavailable/i),
  ]),
  ...from('Aliyun', 'https://github.com/PHPMailer/PHPMailer/issues/885', [sender(/doesn.t conform with authentication/i)]),

  ...from('Postfix', 'https://github.com/vdukhovni/postfix/blob/master/postfix/src/smtpd/smtpd.c', [
    rate(/error: too much mail from/i),
    busyWith(/error: too many connections from/i),
    login(/error: too many auth commands from/i),
    connectionRate(/error: too many new tls sessions from/i),
  ]),
  ...from('Exim', 'https://github.com/Exim/exim/blob/master/src/src/smtp_in.c', [
    busyWith(/too many concurrent smtp connections|too much load; please try again later/i),
  ]),
  ...from('cPanel', 'https://www.thiswebhost.com/clients/knowledgebase/554/I-am-receiving-an-error-sending-e-mail.html', [
    quota(/has exceeded the max (emails|defers and failures) per hour/i, alsoRcpt),
  ]),
  ...from('HestiaCP', 'https://github.com/hestiacp/hestiacp/issues/2666', [
    quota(/is sending too many emails - rate overlimit/i, alsoRcpt),
  ]),
  ...from('mailcow', 'https://github.com/mailcow/mailcow-dockerized/issues/1497', [rate(/\bratelimit .{0,40}exceeded/i)]),
  ...from('GoDaddy', 'https://pastebin.com/02GNZpu4', [quota(/daily relay quota/i)]),
  ...from('Oracle OCI', 'https://docs.oracle.com/en-us/iaas/Content/Email/Concepts/troubleshooting.htm', [
    login(/too many auth failures/i),
    busyWith(/too many connections\b/i),
  ]),
  ...from('a hosting company', 'https://github.com/nodemailer/nodemailer/issues/1137', [
    quota(/has exceeded its 24-hour sending limit/i, alsoRcpt),
  ]),
];
