/** A process that only runs bulk actions, so that it can be killed: `node bulk-runner-process.mjs redis://… secret lease`. */
import { retention, timings } from '@posthouse/contract';
import { BulkRunner, RequestConnection, Sealer, sealKeys } from '../../dist/queue.js';

const [url = '', secret = '', lease = ''] = process.argv.slice(2);
const scaled = { ...timings, bulk: { ...timings.bulk, poll: 20, lease: Number(lease) } };
const connection = new RequestConnection(url, new Sealer(sealKeys(secret)), { timings: scaled, retention }, console.error);
await connection.start();
await new BulkRunner(connection, console.error).start();
console.log('ready');
