import type { RecipientOutcome, Verdict } from './verdict.ts';

/** One SMTP command and its reply, or one event of the connection. */
export interface Step {
  /** ms since the try began. */
  atMs: number;
  /** `CONNECT`, `MAIL`, `RCPT`, `DATA`, `.` */
  command: string;
  /** What the server replied, or what went wrong instead. */
  reply: string;
}

/** One try at delivery that reached a verdict on the mail. */
export interface Attempt {
  /** 1 for the first. Only attempts are counted; deferrals are not. */
  number: number;
  /** When it began, ms since the epoch. */
  at: number;
  durationMs: number;
  provider?: string;
  /** The gravest verdict among its recipients. */
  verdict: Verdict;
  /** Why, free of addresses: the gravest outcome's reason. */
  reason: string;
  /** The story in words, where no server was reached. */
  detail?: string;
  steps: Step[];
  outcomes: RecipientOutcome[];
}

/** The job was put back without using an attempt: the provider's fault, not the mail's. */
export interface Deferral {
  at: number;
  durationMs: number;
  provider?: string;
  reason: string;
  detail?: string;
  steps: Step[];
}

/** What is recorded when a server accepted. */
export interface Receipt {
  at: number;
  provider: string;
  /** The reply to the final dot. */
  response: string;
  /** Addresses that this acceptance covers. */
  accepted: string[];
}
