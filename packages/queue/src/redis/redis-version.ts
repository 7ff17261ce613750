/** The oldest Redis that Posthouse uses, and is tested with. BullMQ is given it as the version in use: see `bullmqOptions`. */
export const minRedisVersion = '6.2.0';

/** Whether a dotted version is older than another one. */
export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}
