/** The phases of an SMTP connection, and how long each may take. */

/**
 * A phase of an SMTP connection; each has its own deadline (RFC 5321 section 4.5.3.2).
 *
 * - `connect`: TCP and TLS together, also where TLS is started by STARTTLS.
 * - `greeting`, and by their commands `ehlo`, `starttls`, `auth`, `mail`, `rcpt`, `data`, `rset`, `quit`: until the whole reply has come. Of
 *   pipelined commands, the next one's phase begins when the reply before has come.
 * - `block`: until one block of the message has been written.
 * - `dot`: from the last byte of the message to the reply.
 */
export type SmtpPhase =
  | 'connect'
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'block'
  | 'dot'
  | 'rset'
  | 'quit';

/** How long each phase may take, and more; in ms. */
export type SmtpTimings = Readonly<Record<SmtpPhase, number>> & {
  /** How long `smtp://` waits for the greeting before it checks whether the port expects TLS from the first byte. */
  readonly schemeCheck: number;
  /** A phase that lasts longer than this is logged. */
  readonly slowLog: number;
  /** A provider with a phase that lasts longer than this is slow. */
  readonly slowPhase: number;
  /** How long a provider stays slow after its last slow phase has ended. */
  readonly slowFor: number;
  /** When the worker stops: how long a message that is being sent may go on. A little less than `stop`, so that its outcome can be stored. */
  readonly stopGrace: number;
  /** A pooled connection that is not used is closed; common relays close theirs after 10 s to 5 m. */
  readonly idle: number;
  /** A provider takes less than it is sent: how long no transaction begins; twice as long each time while it accepts nothing. */
  readonly pause: number;
  readonly pauseMax: number;
};
