/** Failures of a connection: what failed, as a reason code and in words for the operator. */
import { describeReason, errorReason, type Reason, reasons } from '@posthouse/contract';
import { parseReply, readablePart, replyReason } from './smtp-reply.ts';

/** No connection could be opened, secured or logged in. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** The step that failed. */
  readonly step: 'CONNECT' | 'AUTH';
  /** A code of ours, or the innermost error code: `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, `EAUTH`. */
  readonly code: Reason;
  /** What the server replied, if it did. It may quote the account's address, so it is not part of the message, which is logged. */
  readonly reply: string | undefined;

  constructor(step: ConnectionError['step'], code: Reason, message: string, reply?: string) {
    super(message);
    this.step = step;
    this.code = code;
    this.reply = reply;
  }
}

/** Codes of a certificate that is not accepted. */
export const certificateRefused = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;

/** An error of nodemailer, of Node or of OpenSSL. */
export interface SmtpError extends Error {
  code?: string | undefined;
  /** The code of the system or of TLS, where `code` is only ESOCKET. */
  originalCode?: string | undefined;
  /** The server's reply, where there was one. */
  response?: string | undefined;
  /** The command that it answers: `CONN` for the greeting, `EHLO`, `STARTTLS`, `AUTH PLAIN`. */
  command?: string | undefined;
}

/** An error with a code. */
export function withCode(message: string, code: Reason): SmtpError {
  return Object.assign(new Error(message), { code });
}

/** The innermost code of an error as a reason. */
export function reasonOf({ originalCode, code }: SmtpError): Reason {
  const innermost = originalCode ?? code;
  return innermost !== undefined && Object.hasOwn(reasons, innermost) ? (innermost as Reason) : errorReason(innermost);
}

/** What an error means, followed by its own text: those of Node and OpenSSL alone do not say what to do. */
export function explainError(error: SmtpError): string {
  if (error.code === undefined) return error.message;
  const meaning = describeReason(reasonOf(error))?.meaning;
  return meaning === undefined || error.message.startsWith(meaning) ? error.message : `${meaning}: ${error.message}`;
}

/** An error of the connection as a ConnectionError. */
export function connectionError(step: ConnectionError['step'], error: SmtpError): ConnectionError {
  if (error instanceof ConnectionError) return error;
  if (error.response === undefined) return new ConnectionError(step, reasonOf(error), explainError(error));
  const { command = 'a command' } = error;
  const refusal = `${command === 'CONN' ? 'the connection' : command} was refused with ${replyReason(parseReply(error.response))}`;
  return new ConnectionError(step, reasonOf(error), refusal, readablePart(error.response));
}
