/** The kinds of Redis that the faults are tried on. */
import { type CertificateAuthority, RedisCluster, RedisProcess, ReplicatedRedis, SentinelRedis } from '@posthouse/devkit';

/**
 * - `single`: one server.
 * - `tls`: one that takes TLS only and verifies its clients.
 * - `replicated`: a primary and a replica behind one endpoint.
 * - `sentinel`: a master and a replica with three Sentinels.
 * - `cluster`: a Cluster of three servers, which soon notice that another one is down.
 */
export type RedisKind = 'single' | 'tls' | 'replicated' | 'sentinel' | 'cluster';

/** One that is not started yet. @param ca for TLS */
export function redisOf(kind: RedisKind, ca: CertificateAuthority): RedisProcess | ReplicatedRedis | SentinelRedis | RedisCluster {
  switch (kind) {
    case 'single':
      return new RedisProcess();
    case 'tls':
      return new RedisProcess({ tls: { ca, verifyClients: true } });
    case 'replicated':
      return new ReplicatedRedis();
    case 'sentinel':
      return new SentinelRedis({ replicas: 1 });
    case 'cluster':
      return new RedisCluster({ 'cluster-node-timeout': '1000' });
  }
}
