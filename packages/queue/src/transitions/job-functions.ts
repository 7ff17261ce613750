/**
 * Lua functions that add jobs, for scripts that change several mails. Their bodies are BullMQ's own scripts, unchanged: a job is what
 * BullMQ makes of it, and a script for the whole group saves a command, and its replies, for each mail.
 *
 * - `addJob` adds one: the name and the arguments of a script, or an empty list for none. `MailJobs.packed` makes it, and the script's argument
 *   `jobKeys`, which has the keys of each script.
 */
import { createRequire } from 'node:module';

/** A script as BullMQ has it: with its keys and arguments in `KEYS` and `ARGV`. */
interface BullMqScript {
  content: string;
}

const require = createRequire(import.meta.url);
const { addPrioritizedJob } = require('bullmq/dist/cjs/scripts/addPrioritizedJob-9.js') as Record<string, BullMqScript>;
const { addDelayedJob } = require('bullmq/dist/cjs/scripts/addDelayedJob-6.js') as Record<string, BullMqScript>;

/** By BullMQ's name: how many of the arguments are keys, and the script. */
export const jobScripts = { addPrioritizedJob: { keys: 9, script: addPrioritizedJob }, addDelayedJob: { keys: 6, script: addDelayedJob } };

export const jobFunctions = `
local addJobBy = {}
${Object.entries(jobScripts)
  .map(([name, { script }]) => `addJobBy.${name} = function(KEYS, ARGV)\n${script?.content}\nend`)
  .join('\n')}
local keysOfJobs, packedKeys = {}, cmsgpack.unpack(jobKeys)
for n = 1, #packedKeys, 2 do keysOfJobs[packedKeys[n]] = packedKeys[n + 1] end
local function addJob(job)
  if job[1] then return addJobBy[job[1]](keysOfJobs[job[1]], job[2]) end
end`;
