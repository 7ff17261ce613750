/** A lease: it belongs to one process until it expires or is given up. */
import { runScript, script } from '../redis/script.ts';
import type { RequestConnection } from './request-connection.ts';

/** Takes or renews a lease. `holder`: names the process. `expiry`: ms. Returns 1, or 0 while another process has it. @public for the test that checks every script */
export const takeLease = script({
  name: 'takeLease',
  keys: ['lease'],
  args: { holder: 'text', expiry: 'number' },
  returns: 'number',
  lua: `
local current = redis.call('GET', lease)
if current and current ~= holder then return 0 end
redis.call('SET', lease, holder, 'PX', expiry)
return 1`,
});

/**
 * Takes a lease, or renews it.
 * @param holder names the process: it may claim again what it has claimed
 * @param expiry of the lease, in ms from now
 * @returns false while another process has it
 * @throws QueueUnavailable
 */
export async function claimLease(connection: RequestConnection, lease: string, holder: string, expiry: number): Promise<boolean> {
  return (await connection.run(({ redis }) => runScript(redis, takeLease, { lease }, { holder, expiry }))) === 1;
}
