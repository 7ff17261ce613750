/**
 * Lua functions that add the jobs of several mails, for scripts that accept them.
 *
 * - `addJob` adds the job of a mail, given its position, its id and what `MailJobs.packed` makes. That is an empty list for none; what
 *   BullMQ's own script for delayed jobs takes; or the priority of a job that is due. An existing job stays as it is.
 * - `addDueJobs` adds those that are due, for all of which `addJob` was called.
 *
 * A due job is stored as BullMQ's script `addPrioritizedJob` does it for a job without a parent and without a duplicate, but what the jobs of
 * a group share is read and written once, and nothing goes to the stream of events, which nothing of Posthouse reads. That saves Redis nearly
 * a third of the CPU time that accepting a mail takes. A test compares both.
 */
import { createRequire } from 'node:module';
import { defaultPrefix, jobName, prioritizedKey, queueName } from '../redis/keys.ts';

/** A script as BullMQ has it: with its keys and arguments in `KEYS` and `ARGV`. */
interface BullMqScript {
  content: string;
}

const require = createRequire(import.meta.url);

/** BullMQ's script for delayed jobs: how many of its arguments are keys, and the script. */
export const delayedJob = bullMqScript('addDelayedJob', 6);

/** What BullMQ's keys begin with. */
const bullmq = `${defaultPrefix}:${queueName}:`;

/** What a job is due after in BullMQ's sorted set: all jobs of a smaller priority, and those of the same that came before. */
const priorityUnit = 2 ** 32;

export const jobFunctions = `
local function addDelayedJob(KEYS, ARGV)
${delayedJob.script?.content}
end
local delayedKeys = cmsgpack.unpack(jobKeys)
local dueJobs, mailsOfJobs = {}, {}
local function addJob(n, id, job)
  local priority = job[1]
  if type(priority) == 'string' then return addDelayedJob(delayedKeys, job) end
  local key = '${bullmq}' .. id
  if not priority or redis.call('HEXISTS', key, 'name') == 1 then return end
  local options = '{"priority":' .. priority .. ',"attempts":1}'
  redis.call('HSET', key, 'name', '${jobName}', 'data', '{"v":1,"id":"' .. id .. '"}', 'opts', options,
    'timestamp', jobTime, 'delay', '0', 'priority', priority)
  dueJobs[#dueJobs + 1], dueJobs[#dueJobs + 2], mailsOfJobs[#mailsOfJobs + 1] = priority, id, n
end
local function addDueJobs()
  local count = #dueJobs / 2
  if count == 0 then return end
  local before = redis.call('INCRBY', '${bullmq}pc', count) - count
  for n = 1, count do dueJobs[2 * n - 1] = dueJobs[2 * n - 1] * ${priorityUnit} + (before + n) % ${priorityUnit} end
  redis.call('ZADD', '${prioritizedKey}', unpack(dueJobs))
  -- Workers wait for the marker, unless another tool has paused the queue.
  if not redis.call('HGET', '${bullmq}meta', 'paused') then redis.call('ZADD', '${bullmq}marker', 0, '0') end
end`;

/** @throws Error where BullMQ does not have it, because an upgrade has changed its name or its keys */
function bullMqScript(name: string, keys: number): { keys: number; script: BullMqScript | undefined } {
  const file = `bullmq/dist/cjs/scripts/${name}-${keys}.js`;
  try {
    return { keys, script: (require(file) as Record<string, BullMqScript>)[name] };
  } catch (error) {
    const { version } = require('bullmq/package.json') as { version: string };
    throw new Error(`BullMQ ${version} has no ${file}. Correct the number of keys in job-functions.ts, or go back to the version before.`, {
      cause: error,
    });
  }
}
