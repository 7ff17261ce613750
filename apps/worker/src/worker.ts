/** The worker: takes due mails from the queue, renders and delivers them, and records the outcomes. */
export { readConfig, type WorkerConfig } from './config.ts';
export { createWorker } from './create-worker.ts';
