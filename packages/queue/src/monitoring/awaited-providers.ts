/** Which providers a due mail waits for. */
import type { PauseList } from '../operations/pauses.ts';
import type { ProviderStatus } from './queue-overview.ts';

/** The providers that are down. */
export function downProviders(providers: readonly ProviderStatus[]): ProviderStatus[] {
  return providers.filter(({ circuit }) => circuit === 'open');
}

/** The providers that due mail waits for: those that are down, while no other can be used. */
export function awaitedProviders(providers: readonly ProviderStatus[], pauses: PauseList['pauses']): ProviderStatus[] {
  const paused = new Set(pauses.flatMap(({ scope, name }) => (scope === 'provider' ? [name] : [])));
  const isUsable = providers.some(({ circuit, name }) => circuit === 'closed' && !paused.has(name));
  return isUsable ? [] : downProviders(providers);
}

/**
 * Whether a mail comes due before any provider can be used.
 * @param at when it is due, ms since the epoch
 */
export function waitsForProvider(at: number, awaited: readonly ProviderStatus[]): boolean {
  return awaited.length > 0 && at <= Math.max(Date.now(), Math.min(...awaited.map(({ probeAt = 0 }) => probeAt)));
}
