/** The sandbox's own Redis. Nobody at the terminal would miss it by itself, so its end is told. */
import { connect, type Socket } from 'node:net';
import { RedisProcess } from '@posthouse/devkit';
import { loopback } from './port-choice.ts';

/** A Redis that is watched for as long as it is wanted. */
export class PrivateRedis extends RedisProcess {
  readonly #tell: (line: string) => void;
  #watch: Socket | undefined;

  /** @param tell says something to the person at the terminal */
  constructor(tell: (line: string) => void) {
    super();
    this.#tell = tell;
  }

  override async start(): Promise<void> {
    await super.start();
    this.#watchOver();
  }

  override async stop(): Promise<void> {
    this.#watch?.removeAllListeners('close').destroy();
    await super.stop();
  }

  /** Holds a connection, which closes the moment that Redis ends. It may close for less: then another can be had. */
  #watchOver(): void {
    let whenReady = false;
    this.#watch = connect(this.port, loopback)
      .once('connect', () => {
        whenReady = true;
      })
      .on('error', () => undefined) // `close` follows
      .once('close', () => {
        if (whenReady) this.#watchOver();
        else this.#tell('✗ Redis has ended. Start the sandbox again.');
      })
      .resume();
  }
}
