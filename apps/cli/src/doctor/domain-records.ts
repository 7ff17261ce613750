/** The records of a domain, as a DNS server answers. No record is a result; no answer is an error. */
import type { Resolver } from 'node:dns/promises';

/** A query that was not answered. */
export class DnsFailure extends Error {
  override readonly name = 'DnsFailure';

  constructor(query: string, code: string) {
    super(`the DNS does not answer ${query} (${code})`);
  }
}

/** There is no such name, or none of its records has this type. */
const nothing = ['ENOTFOUND', 'ENODATA'];

/** Reads records; each method throws DnsFailure. */
export class DomainRecords {
  readonly #resolver: Resolver;
  readonly #deadline: NodeJS.Timeout;
  #isOver = false;

  /** @param timeoutMs for all queries together, from now */
  constructor(resolver: Resolver, timeoutMs: number) {
    this.#resolver = resolver;
    this.#deadline = setTimeout(() => {
      this.#isOver = true;
      resolver.cancel();
    }, timeoutMs);
  }

  /** No further query is made. */
  close(): void {
    clearTimeout(this.#deadline);
  }

  /** TXT records; the strings of one are joined (RFC 7208 section 3.3). */
  async texts(name: string): Promise<string[]> {
    return (await this.#query('TXT', name, () => this.#resolver.resolveTxt(name))).map((strings) => strings.join(''));
  }

  async exchanges(name: string): Promise<string[]> {
    return (await this.#query('MX', name, () => this.#resolver.resolveMx(name))).map(({ exchange }) => exchange);
  }

  async addresses(name: string): Promise<string[]> {
    const both = [
      this.#query('A', name, () => this.#resolver.resolve4(name)),
      this.#query('AAAA', name, () => this.#resolver.resolve6(name)),
    ];
    return (await Promise.all(both)).flat();
  }

  async #query<T>(type: string, name: string, resolve: () => Promise<T[]>): Promise<T[]> {
    if (this.#isOver) throw new DnsFailure(`${type} ${name}`, 'ECANCELLED');
    try {
      return await resolve();
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      if (nothing.includes(code)) return [];
      throw new DnsFailure(`${type} ${name}`, code);
    }
  }
}
