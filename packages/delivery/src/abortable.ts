/** Waiting that ends early: when the mail's lease is lost, when the worker stops, or when another provider is the better choice. */
import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** What ends a mail's wait before it is sent. */
export interface WaitSignals {
  /** Another worker has the mail. */
  leaseLost: AbortSignal;
  /** This worker stops. */
  workerStopping: AbortSignal;
  /** The provider became slow, and another one is not. */
  providerSlow: AbortSignal;
}

const kinds = { leaseLost: 'lease-lost', workerStopping: 'worker-stopping', providerSlow: 'provider-slow' } as const;

const messages = {
  'lease-lost': 'another worker has the mail',
  'worker-stopping': 'the worker stops',
  'provider-slow': 'the provider became slow, and another one is not',
} as const;

/** A wait that a signal ended. */
export class WaitAborted extends Error {
  override readonly name = 'WaitAborted';
  /** Which signal. */
  readonly kind: keyof typeof messages;

  constructor(kind: WaitAborted['kind']) {
    super(messages[kind]);
    this.kind = kind;
  }
}

/**
 * Waits for a promise until one of the signals aborts; the promise itself goes on.
 * @throws WaitAborted, or what the promise throws
 */
export function abortable<T>(promise: Promise<T>, signals: Partial<WaitSignals>): Promise<T> {
  return new Promise((resolve, reject) => {
    const listeners = (Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((name) => {
      const signal = signals[name];
      return signal === undefined ? [] : [{ signal, abort: () => reject(new WaitAborted(kinds[name])) }];
    });
    for (const { signal, abort } of listeners) {
      // One signal may end the waits of many mails.
      setMaxListeners(0, signal);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort);
    }
    const settled = () => {
      for (const { signal, abort } of listeners) signal.removeEventListener('abort', abort);
    };
    promise.then(resolve, reject).finally(settled);
  });
}

/**
 * Waits for a time, in ms, until one of the signals aborts.
 * @throws WaitAborted
 */
export async function sleep(ms: number, signals: Partial<WaitSignals>): Promise<void> {
  const timer = new AbortController();
  try {
    await abortable(setTimeout(Math.max(ms, 0), undefined, { signal: timer.signal }), signals);
  } finally {
    timer.abort();
  }
}
