/** Deadlines of SMTP connections for workers under test. */
import type { SmtpPhase } from '@posthouse/contract';

/** Every phase may take that long, in ms, but for those that are named. */
export function smtpTimings(phaseMs: number, change: Partial<Record<SmtpPhase, number>> = {}): Record<SmtpPhase, number> {
  const commands = { ehlo: phaseMs, starttls: phaseMs, auth: phaseMs, mail: phaseMs, rcpt: phaseMs, data: phaseMs, rset: phaseMs };
  return { connect: phaseMs, greeting: phaseMs, ...commands, block: phaseMs, dot: phaseMs, quit: phaseMs, ...change };
}
