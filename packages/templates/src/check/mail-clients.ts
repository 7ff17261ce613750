/** The mail clients that caniemail.com has data of. */
import { rawData } from 'caniemail';

const allClients = [
  ...new Set(
    rawData.data.flatMap(({ stats }) =>
      Object.entries(stats).flatMap(([family, platforms]) => Object.keys(platforms as object).map((platform) => `${family}.${platform}`)),
    ),
  ),
].sort();

/** The clients that a name stands for; none for a name that no client has. */
export function clientsNamed(name: string): string[] {
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  return allClients.filter((client) => pattern.test(client));
}
