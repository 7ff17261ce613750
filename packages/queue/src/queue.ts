/**
 * The only room that knows Redis and BullMQ. It owns the record of each mail, the job that says when,
 * and every transition between states.
 *
 * Producer side (the API): `MailQueue.accept` and `MailQueue.read`. Consumer side (a worker):
 * `MailConsumer`, which hands each due mail to a run and moves its job by what the run says.
 */
export { MailConsumer, type MailRun, type RunEnd } from './mail-consumer.ts';
export { MailQueue } from './mail-queue.ts';
export { type Begun, type Conclusion, MailRecords } from './mail-records.ts';
export { type NewMail, newMailId, newRecord } from './new-record.ts';
export { QueueUnavailable } from './queue-unavailable.ts';
export { RecordFault } from './record-fields.ts';
export { Sealer, type SealKeys, sealKeys } from './sealer.ts';
