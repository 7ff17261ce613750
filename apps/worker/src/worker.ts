/** Job to rendered message to SMTP transaction to receipt. */
export { readConfig, type WorkerConfig } from './config.ts';
export { createWorker } from './create-worker.ts';
