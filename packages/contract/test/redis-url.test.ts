import { expect, it } from 'vitest';
import { parseRedisUrl } from '../src/redis-url.ts';

it.each([
  ['redis://127.0.0.1', { kind: 'single', tls: false, hosts: [{ host: '127.0.0.1', port: 6379 }], database: 0 }],
  [
    'rediss://u%40x:p%3Aq:r@[::1]:7000/2?family=6',
    { kind: 'single', tls: true, hosts: [{ host: '::1', port: 7000 }], username: 'u@x', password: 'p:q:r', database: 2, family: 6 },
  ],
  ['redis://:p@host/', { kind: 'single', tls: false, hosts: [{ host: 'host', port: 6379 }], password: 'p', database: 0 }],
  [
    'redis+sentinel://u:p@a,b:26380,[::2]/mail-1?db=3',
    {
      ...{ kind: 'sentinel', tls: false, username: 'u', password: 'p', database: 3, masterName: 'mail-1' },
      hosts: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 26380 },
        { host: '::2', port: 26379 },
      ],
    },
  ],
  [
    'rediss+cluster://a,b:7001/',
    {
      kind: 'cluster',
      tls: true,
      hosts: [
        { host: 'a', port: 6379 },
        { host: 'b', port: 7001 },
      ],
      database: 0,
    },
  ],
])('%s', (raw, parsed) => {
  expect(parseRedisUrl(raw)).toEqual(parsed);
});

it.each([
  ['host', /must be a URL such as redis:\/\/.*redis\+sentinel.*redis\+cluster/],
  ['redis+sentry://planted/x', /must be a URL such as/],
  ['redis://planted,b', /must be a URL such as redis:\/\/127/],
  ['redis://planted:99999', /must be a URL/],
  ['redis+sentinel://planted,b', /must be a URL such as redis\+sentinel.*after the hosts the name of the master/],
  ['redis+sentinel://planted,,b/mail', /must be a URL such as redis\+sentinel/],
  ['redis+sentinel://planted/mail?db=x', /must have a number as \?db=/],
  ['redis+cluster://planted/1', /must end after the hosts: a Redis Cluster has one database/],
  ['redis+cluster://planted?db=0', /must have no parameter but \?family/],
  ['redis://planted:a#b@host', /must have no #; write # in a password as %23/],
  ['redis://u:planted%zz@host', /has a % in user or password/],
])('%s is refused in words that repeat nothing of it', (raw, message) => {
  let thrown = '';
  try {
    parseRedisUrl(raw);
  } catch (error) {
    thrown = (error as Error).message;
  }
  expect(thrown).toMatch(message);
  expect(thrown).not.toContain('planted');
});
