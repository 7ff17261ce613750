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

/** By BullMQ's name: how many of the arguments are keys, and the script. */
export const jobScripts = { addPrioritizedJob: bullMqScript('addPrioritizedJob', 9), addDelayedJob: bullMqScript('addDelayedJob', 6) };

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
