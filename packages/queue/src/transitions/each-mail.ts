/**
 * Lua for scripts that change several mails. Each mail is run apart from the others: of one that Redis refuses midway, the others are changed.
 */

/**
 * Lua: calls a function for each entry of the script's argument `mails`, with its position and its values, and returns what the calls have
 * returned. Where Redis refuses a command of one, its error is in that place, and the others are run all the same.
 * @param afterwards Lua that is run after all calls; it may put an error into `replies`
 */
export function forEachMail(name: string, afterwards = ''): string {
  return `
local replies = {}
local function errorReply(thrown) return { err = type(thrown) == 'table' and thrown.err or tostring(thrown) } end
for n, mail in ipairs(cmsgpack.unpack(mails)) do
  local isRun, reply = pcall(${name}, n, unpack(mail))
  replies[n] = isRun and reply or errorReply(reply)
end
${afterwards}
return replies`;
}

/**
 * Lua functions by which mails that are accepted in one script share commands. They use those of index-functions.ts and job-functions.ts.
 *
 * - `acceptLater` notes a mail: its position, its id, when it is due and when it was accepted, and the names of its indexes.
 */
export const acceptanceFunctions = `
local names, entriesOf, mailsOf = {}, {}, {}
local due, dueMails, minutes, acceptedIn = {}, {}, {}, {}
local function acceptLater(n, id, dueAt, acceptedAt, indexes)
  due[#due + 1], due[#due + 2], dueMails[#dueMails + 1] = dueAt, id, n
  local minute = math.floor(acceptedAt / 60000)
  if not acceptedIn[minute] then minutes[#minutes + 1], acceptedIn[minute] = minute, 0 end
  acceptedIn[minute] = acceptedIn[minute] + 1
  local at, member = positionOf(id)
  for _, name in ipairs(indexes) do
    if not entriesOf[name] then names[#names + 1], entriesOf[name], mailsOf[name] = name, {}, {} end
    local entries, positions = entriesOf[name], mailsOf[name]
    entries[#entries + 1], entries[#entries + 2], positions[#positions + 1] = at, member, n
  end
end`;

/** Lua for `forEachMail`: writes what was noted. An error is that of the mails which it concerns, and of no other. */
export const acceptNoted = `
local function try(mails, write, ...)
  local isRun, thrown = pcall(write, ...)
  if isRun then return end
  for _, n in ipairs(mails) do replies[n] = errorReply(thrown) end
end
try(mailsOfJobs, addDueJobs)
if due[1] then try(dueMails, redis.call, 'ZADD', unfinished, unpack(due)) end
for _, minute in ipairs(minutes) do try(dueMails, count, 'accepted', minute * 60000, keepTraffic, acceptedIn[minute]) end
for _, name in ipairs(names) do try(mailsOf[name], addAll, name, entriesOf[name]) end`;
