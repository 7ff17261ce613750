/** Writes the hour of mail into the sandbox's own Redis, before anybody looks. */
import { durations, type Service } from '@posthouse/contract';
import { importRecords, RequestConnection, Sealer, sealKeys } from '@posthouse/queue';
import { sampleHour } from './sample-hour.ts';

/** Done when it has started. */
export class SampleData implements Service {
  readonly name = 'an hour of mail';
  readonly #redisUrl: () => string;
  readonly #secret: string;

  /** @param secret as POSTHOUSE_SECRET has it */
  constructor(redisUrl: () => string, secret: string) {
    this.#redisUrl = redisUrl;
    this.#secret = secret;
  }

  async start(): Promise<void> {
    const connection = new RequestConnection(this.#redisUrl(), new Sealer(sealKeys(this.#secret)), durations, () => undefined);
    await connection.start();
    try {
      await connection.whenReady();
      await importRecords(connection, sampleHour(Date.now()));
    } finally {
      await connection.stop();
    }
  }

  async stop(): Promise<void> {}
}
