import type { Service } from '@posthouse/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceGroup } from '../src/service-group.ts';

const events: string[] = [];
beforeEach(() => {
  events.length = 0;
});

function service(name: string, change: Partial<Service> = {}): Service {
  return {
    name,
    start: async () => void events.push(`start ${name}`),
    stop: async () => void events.push(`stop ${name}`),
    ...change,
  };
}

describe('ServiceGroup', () => {
  it('starts in order and stops in reverse', async () => {
    const group = new ServiceGroup('all', [service('a'), service('b'), service('c')], 1000);
    await group.start();
    await group.stop();
    expect(events).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
  });

  it('tolerates a stop before the start and a second stop; callers share one promise', async () => {
    const group = new ServiceGroup('all', [service('a')], 1000);
    await group.stop();
    const other = new ServiceGroup('all', [service('a')], 1000);
    await other.start();
    await Promise.all([other.stop(), other.stop()]);
    await other.stop();
    expect(events).toEqual(['start a', 'stop a']);
  });

  it('stops what has started when a service fails to start, and throws its error', async () => {
    const start = async () => {
      throw new Error('b is broken');
    };
    const group = new ServiceGroup('all', [service('a'), service('b', { start }), service('c')], 1000);
    await expect(group.start()).rejects.toThrow('b is broken');
    expect(events).toEqual(['start a', 'stop b', 'stop a']);
  });

  it('starts no other service once it is being stopped', async () => {
    let group: ServiceGroup | undefined = undefined as ServiceGroup | undefined;
    const first = service('a', { start: async () => void (await group?.stop()) });
    group = new ServiceGroup('all', [first, service('b')], 1000);
    await group.start();
    expect(events).toEqual(['stop a']);
  });

  it('stops the others when one fails or hangs, within the deadline, and names both', async () => {
    const hanging = service('b', { stop: () => new Promise(() => undefined) });
    const failing = service('c', {
      stop: async () => {
        throw new Error('c broke');
      },
    });
    const group = new ServiceGroup('all', [service('a'), hanging, failing], 50);
    await group.start();
    await expect(group.stop()).rejects.toThrow(/all did not stop cleanly: c broke; b did not stop in time/);
    expect(events).toContain('stop a');
  });
});
