/**
 * The gate: asked once, after the server's 354 and before the first byte of the message. Behind it a mail can no
 * longer be cancelled or given to another worker, and a silence means that nobody knows whether it arrived.
 *
 * @returns 'open', or why not: another worker has the mail, it was cancelled, or Redis could not be asked
 */
export type Gate = () => Promise<'open' | { denied: string }>;
