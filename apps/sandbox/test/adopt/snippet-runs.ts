/** The snippets of docs/adopt.md: how each is taken out of it, what it needs, and how it is run. */
import { readFileSync } from 'node:fs';
import type { Stack } from './stacks.mjs';

/** One program, of one or more snippets. */
export interface SnippetRun {
  name: string;
  /** Its stack in `stacks.mjs`. */
  stack: Stack['name'];
  command: readonly string[];
  /** The port that it uses. */
  security?: 'starttls';
  /** Snippets by the file that each becomes. */
  files: Record<string, string>;
  /** Without Posthouse there is no such program. */
  isNew?: true;
  subject: string;
}

const python = 'python';
const order = { subject: 'Your order' };
const welcome = { subject: 'Welcome' };
const jakarta = '/usr/share/java/jakarta-mail.jar:/usr/share/java/jakarta-activation.jar';

export const snippetRuns: SnippetRun[] = [
  { name: 'nodemailer', stack: 'nodemailer', command: ['node', 'nodemailer.mjs'], files: { 'nodemailer.mjs': 'nodemailer.mjs' }, ...order },
  {
    name: 'plain Node',
    stack: 'nodemailer',
    command: ['node', 'client.mjs'],
    files: { 'client.mjs': 'client.mjs' },
    isNew: true,
    ...order,
  },
  { name: 'Python', stack: python, command: [python, 'mail.py'], files: { 'mail.py': 'mail.py' }, ...order },
  { name: 'outbox', stack: python, command: [python, 'outbox.py'], files: { 'outbox.py': 'outbox.py' }, ...welcome },
  {
    name: 'Django',
    stack: 'django',
    command: [python, 'django_app.py'],
    files: { 'settings.py': 'django settings.py', 'sign_up.py': 'django sign_up.py' },
    ...welcome,
  },
  { name: 'PHPMailer', stack: 'phpmailer', command: ['php', 'mail.php'], files: { 'mail.php': 'phpmailer.php' }, ...order },
  { name: 'Symfony Mailer', stack: 'symfony', command: ['php', 'mail.php'], files: { 'mail.php': 'symfony.php' }, ...order },
  { name: 'Ruby', stack: 'ruby', command: ['ruby', 'mail.rb'], files: { 'mail.rb': 'mail.rb' }, ...order },
  {
    name: 'Rails',
    stack: 'rails',
    command: ['ruby', 'rails_app.rb'],
    files: { 'production.rb': 'rails production.rb', 'sign_up.rb': 'rails sign_up.rb' },
    ...welcome,
  },
  { name: 'Perl', stack: 'perl', command: ['perl', 'mail.pl'], files: { 'mail.pl': 'mail.pl' }, ...order },
  { name: 'Go', stack: 'go', command: ['go', 'run', 'mail.go'], security: 'starttls', files: { 'mail.go': 'mail.go' }, ...order },
  {
    name: 'Java',
    stack: 'java',
    command: [
      'java',
      '-cp',
      jakarta,
      '-Djavax.net.ssl.trustStore=trust.p12',
      '-Djavax.net.ssl.trustStorePassword=changeit',
      'SendMail.java',
    ],
    files: { 'SendMail.java': 'SendMail.java' },
    ...order,
  },
  { name: 'curl', stack: 'curl', command: ['sh', 'mail.sh'], files: { 'mail.sh': 'curl.sh' }, ...order },
  { name: 'swaks', stack: 'swaks', command: ['sh', 'mail.sh'], files: { 'mail.sh': 'swaks.sh' }, ...order },
  {
    name: "PHP's mail() with msmtp",
    stack: 'msmtp',
    command: ['php', '-d', 'sendmail_path=msmtp -C msmtprc -t', 'php_mail.php'],
    files: { msmtprc: 'msmtp config' },
    ...order,
  },
];

/** Every snippet that is run, by its name. */
export function readSnippets(): Map<string, string> {
  const page = readFileSync(new URL('../../../../docs/adopt.md', import.meta.url), 'utf8');
  const found = page.matchAll(/^<!-- run: (.+) -->\n```\w*\n([\s\S]*?)^```$/gm);
  return new Map([...found].map(([, name = '', text = '']) => [name, text]));
}

/** One side of a comparison. */
export function sideOf(snippet: string, side: 'before' | 'after'): string {
  if (!/^[+-]import|^[+-]const/m.test(snippet)) return snippet;
  const dropped = side === 'before' ? '+' : '-';
  const lines = snippet.split('\n').filter((line) => !line.startsWith(dropped));
  return lines.map((line) => line.slice(1)).join('\n');
}
