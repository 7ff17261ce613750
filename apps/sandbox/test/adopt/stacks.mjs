/**
 * The programs that messages are made with: what each needs, and how it is run. `scripts/test-adopt.mjs` looks for them before anything is
 * installed, so this uses Node's built-in modules only.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Debian's, which has its Django; another `python3` on PATH may have none. */
export const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/**
 * @typedef {object} Stack
 * @property {string} name
 * @property {readonly string[]} [command] makes and sends messages, followed by the file of them, as JSON
 * @property {readonly string[]} check a command that succeeds only where everything needed is installed
 * @property {readonly string[]} packages of Debian
 */

/** @type {readonly Stack[]} */
export const stacks = [
  { name: 'nodemailer', command: ['node', 'send-nodemailer.mjs'], check: ['node', '--version'], packages: [] },
  { name: 'python', command: [python, 'send_email.py'], check: [python, '-c', 'import email, smtplib'], packages: ['python3'] },
  { name: 'django', command: [python, 'send_django.py'], check: [python, '-c', 'import django'], packages: ['python3-django'] },
  {
    name: 'phpmailer',
    command: ['php', 'send-phpmailer.php'],
    check: ['php', '-r', 'require "libphp-phpmailer/autoload.php";'],
    packages: ['php-cli', 'php-mbstring', 'libphp-phpmailer'],
  },
  {
    name: 'symfony',
    command: ['php', 'send-symfony.php'],
    check: ['php', '-r', 'require "Symfony/Component/Mailer/autoload.php";'],
    packages: ['php-cli', 'php-mbstring', 'php-symfony-mailer'],
  },
  {
    name: 'ruby',
    command: ['ruby', 'send-mail.rb'],
    check: ['ruby', '-e', 'require "mail"'],
    packages: ['ruby', 'ruby-mail', 'ruby-net-smtp'],
  },
  {
    name: 'rails',
    command: ['ruby', 'send-action-mailer.rb'],
    check: ['ruby', '-e', 'require "action_mailer"; require "active_record"; require "sqlite3"'],
    packages: ['ruby-actionmailer', 'ruby-activerecord', 'ruby-sqlite3', 'ruby-net-smtp'],
  },
  {
    name: 'perl',
    command: ['perl', 'send-email-mime.pl'],
    check: ['perl', '-MEmail::MIME', '-MEmail::Sender', '-MIO::Socket::SSL', '-MAuthen::SASL', '-e', '1'],
    packages: ['libemail-mime-perl', 'libemail-sender-perl', 'libio-socket-ssl-perl', 'libauthen-sasl-perl'],
  },
  {
    name: 'msmtp',
    command: ['perl', 'send-mime-lite.pl'],
    check: ['sh', '-c', 'perl -MMIME::Lite -e 1 && msmtp --version && php --version'],
    packages: ['msmtp', 'libmime-lite-perl', 'php-cli'],
  },
  { name: 'swaks', command: ['perl', 'send-swaks.pl'], check: ['swaks', '--version'], packages: ['swaks', 'libio-socket-ssl-perl'] },
  { name: 'go', check: ['go', 'version'], packages: ['golang-go'] },
  {
    name: 'java',
    check: ['sh', '-c', 'javac -version && test -e /usr/share/java/jakarta-mail.jar'],
    packages: ['default-jdk-headless', 'libjakarta-mail-java'],
  },
  { name: 'curl', check: ['curl', '--version'], packages: ['curl'] },
];

/** @param {Stack} stack */
export function isInstalled({ check: [program = '', ...args] }) {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
