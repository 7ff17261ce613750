/** How Redis is reached: its URL in each of its forms (one server, the master that Sentinels name, or a Redis Cluster), and what is not in it. */

/** A host and its port. */
export interface HostPort {
  host: string;
  port: number;
}

/** What a URL of Redis says. */
export interface RedisUrl {
  /** `sentinel` and `cluster`: the hosts are asked which server to use. */
  kind: 'single' | 'sentinel' | 'cluster';
  tls: boolean;
  hosts: readonly HostPort[];
  username?: string;
  password?: string;
  database: number;
  /** 4 or 6: the version of IP that host names are looked up for; absent for any. */
  family?: number;
  /** By which Sentinels know the master. */
  masterName?: string;
}

/** How to reach Redis, besides its URL. */
export interface RedisAccess {
  /** PEM: certificates of authorities to trust besides the public ones. */
  readonly ca?: string;
  /** PEM: the certificate of this process, which Redis verifies, and its private key. */
  readonly cert?: string;
  readonly key?: string;
  /** Where the URL has none. */
  readonly password?: string;
  /** For the login at Sentinels. */
  readonly sentinelUser?: string;
  readonly sentinelPassword?: string;
  /** The name of the queue, for several in one Redis; `posthouse` where it is absent. */
  readonly prefix?: string;
  /** How many replicas must have what is acknowledged; 0 where it is absent. */
  readonly waitReplicas?: number;
}

const form = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

const examples = {
  single: 'must be a URL such as redis://127.0.0.1:6379 or rediss://user:password@host:6379/0',
  sentinel: 'must be a URL such as redis+sentinel://user:password@host1,host2:26379/master-name',
  cluster: 'must be a URL such as redis+cluster://user:password@host1:6379,host2:6379',
} as const;

/**
 * Reads a URL: `redis://`, `redis+sentinel://` and `redis+cluster://`, and each with `rediss` for TLS.
 * @throws Error whose message completes a sentence that begins with a variable's name. It repeats no part of the URL, which may be one of a password
 */
export function parseRedisUrl(raw: string): RedisUrl {
  const [, scheme, kind = 'single', login = '', hostList = '', path = '', query = ''] = form.exec(raw) ?? [];
  const isKnown = scheme !== undefined && (kind === 'single' || kind === 'sentinel' || kind === 'cluster');
  if (!isKnown) {
    if (raw.includes('#')) throw new Error('must have no #; write # in a password as %23 and ? as %3F');
    throw new Error(`${examples.single}, redis+sentinel://host1,host2/master-name or redis+cluster://host1,host2`);
  }
  const hosts = hostList.split(',').map((host) => hostPort(host, kind === 'sentinel' ? 26379 : 6379));
  if (hosts.includes(undefined) || (kind === 'single' && hosts.length > 1)) throw new Error(examples[kind]);
  return {
    kind,
    tls: scheme === 'rediss',
    hosts: hosts as HostPort[],
    ...loginOf(login),
    ...pathAndQuery(kind, path, query),
  };
}

/** @returns undefined where it is none */
function hostPort(text: string, defaultPort: number): HostPort | undefined {
  const url = `redis://${text}`;
  if (text === '' || !URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  return hostname === '' ? undefined : { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || defaultPort) };
}

function loginOf(login: string): Pick<RedisUrl, 'username' | 'password'> {
  const [username = '', password = ''] = login.split(/:(.*)/s).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw new Error('has a % in user or password that begins no character; write % as %25');
    }
  });
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function pathAndQuery(kind: RedisUrl['kind'], path: string, query: string): Pick<RedisUrl, 'database' | 'family' | 'masterName'> {
  const parameters = new URLSearchParams(query);
  const family = parameters.get('family');
  const database = kind === 'sentinel' ? parameters.get('db') : path;
  const known = kind === 'sentinel' ? ['family', 'db'] : ['family'];
  const isUnknown = [...parameters.keys()].some((name) => !known.includes(name));
  if (isUnknown || (family !== null && !/^[46]$/.test(family))) {
    const others = kind === 'sentinel' ? ' and ?db=0' : '';
    throw new Error(`must have no parameter but ?family=4 or ?family=6${others}; write ? in a password as %3F and # as %23`);
  }
  if (kind === 'cluster' && path !== '') throw new Error('must end after the hosts: a Redis Cluster has one database');
  if (!/^\d{0,9}$/.test(database ?? '')) {
    throw new Error(
      kind === 'sentinel' ? 'must have a number as ?db=' : 'must end after the port, or with the number of a database such as /0',
    );
  }
  if (kind === 'sentinel' && !/^[\w.-]{1,100}$/.test(path)) throw new Error(`${examples.sentinel}: after the hosts the name of the master`);
  return {
    database: Number(database ?? 0),
    ...(family !== null && { family: Number(family) }),
    ...(kind === 'sentinel' && { masterName: path }),
  };
}
