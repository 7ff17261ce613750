/** SMTP submission: its certificate, and whether its port answers with it. Nobody logs in, and nothing is sent. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import type { Timings } from '@posthouse/contract';
import { type Check, Checks, reasonOf } from './check.ts';
import { checkProcess } from './process-checks.ts';

/** Settings of a submission process. */
export interface SubmissionSettings {
  /** PEM. */
  certificate: string;
  /** PEM. */
  key: string;
  host: string;
  /** That of TLS from the first byte. */
  port: number;
  /** The URL of its HTTP port; undefined where it has none. */
  url: string | undefined;
}

/** Looks at the certificate, at the port with TLS and, where there is one, at the HTTP port. */
export async function checkSubmission(settings: SubmissionSettings, { commandLine: { doctor } }: Timings): Promise<Check[]> {
  const { host, port, url } = settings;
  const checks = new Checks('submission', `${host}:${port}`);
  const certificate = new X509Certificate(settings.certificate);
  reportCertificate(checks, certificate, settings.key, doctor.certificateLeft);
  await reportPort(checks, settings, certificate, doctor.reply);
  return [...checks.list, ...(url === undefined ? [] : await checkProcess('submission', url, doctor.connect))];
}

function reportCertificate(checks: Checks, certificate: X509Certificate, key: string, minMs: number): void {
  const leftMs = Date.parse(certificate.validTo) - Date.now();
  const names = certificate.subjectAltName?.replaceAll('DNS:', '') ?? 'no name';
  if (!certificate.checkPrivateKey(createPrivateKey(key))) {
    const what = 'SUBMISSION_KEY_FILE is not the private key of the certificate in SUBMISSION_CERT_FILE';
    checks.error('certificate', what, 'Set both to the files of one certificate.');
  } else if (leftMs <= 0)
    checks.error('certificate', `it has expired on ${new Date(certificate.validTo).toISOString()}`, 'Renew it: programs refuse it.');
  else {
    const what = `it is for ${names}, and valid for ${Math.floor(leftMs / 86_400_000)} more days`;
    if (leftMs >= minMs) checks.ok('certificate', what);
    else checks.warning('certificate', what, 'Renew it before it expires; a new file is used without a restart.');
  }
}

async function reportPort(checks: Checks, { host, port }: SubmissionSettings, own: X509Certificate, timeoutMs: number): Promise<void> {
  // Whether programs trust the certificate is theirs to check: here it must be the one of the file, of any authority.
  const socket = connect({ host, port, rejectUnauthorized: false });
  try {
    const [greeting] = (await once(socket, 'data', { signal: AbortSignal.timeout(timeoutMs) })) as [Buffer];
    const [line = ''] = greeting.toString('latin1').split('\r\n');
    const isOwn = socket.getPeerX509Certificate()?.fingerprint256 === own.fingerprint256;
    if (!line.startsWith('220 ')) checks.error('answers', `it answers: ${line}`, 'SUBMISSION_TLS_PORT must be the port of submission.');
    else if (isOwn) checks.ok('answers', `port ${port} answers with this certificate`);
    else {
      const fix =
        'Wait 10 s after a change of the file; then the log of submission says why it is not used, or SUBMISSION_TLS_PORT is wrong.';
      checks.error('answers', `port ${port} answers with another certificate`, fix);
    }
  } catch (error) {
    const why = (error as Error).name === 'AbortError' ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error);
    checks.error(
      'answers',
      `it does not answer: ${why}`,
      'Start it (npm run submission), or correct SUBMISSION_HOST and SUBMISSION_TLS_PORT.',
    );
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}
