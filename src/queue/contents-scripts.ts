// What must happen as one in Redis. Redis' own clock counts, as those of the processes need not agree. Lua's numbers are
// doubles, which hold milliseconds since the epoch exactly; written out they need a format.

/** The time of Redis in milliseconds. */
const NOW = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
-- Runs that may be at a key, each as {revision, until, name}; those whose time is over are left out.
local function claims(key)
  local live = {}
  for _, claim in ipairs(cjson.decode(redis.call('HGET', CLAIMS, key) or '[]')) do
    if tonumber(claim[2]) > now then live[#live + 1] = claim end
  end
  return live
end
local function keep(key, live)
  if #live == 0 then redis.call('HDEL', CLAIMS, key) else redis.call('HSET', CLAIMS, key, cjson.encode(live)) end
end
-- The longest that some run may be at a key, but for runs at the same content.
local function busy(key, revision)
  local longest = 0
  for _, claim in ipairs(claims(key)) do
    if claim[1] ~= revision then longest = math.max(longest, tonumber(claim[2]) - now) end
  end
  return longest
end
local function text(number) return string.format('%.0f', number) end
-- Who calls. A Redis that was found emptied says since when instead, as the claims are lost that were held then.
local function emptied(caller) return tonumber(string.match(caller or '', '^emptied|(%d+)$')) end
local function caller()
  if redis.call('EXISTS', CALLER) == 0 then redis.call('SET', CALLER, 'emptied|' .. text(now)) end
  return redis.call('GET', CALLER)
end`;

const script = (keys: readonly string[], body: string): string =>
  `${keys.map((name, index) => `local ${name} = KEYS[${index + 1}]`).join('\n')}\n${NOW}\n${body}`;

/** Keys that every script gets, in this order. */
export const CONTENT_KEYS = ['EPOCH', 'CALLER', 'REVISIONS', 'CONTENTS', 'CLAIMS', 'REPORTS', 'WISHED'] as const;

/**
 * ARGV: the least epoch, a name of the caller, lease, the time of Redis from which on it is too late: then nothing is done and
 * given. Gives the new epoch, and the longest that a worker may still be at old work. Where nobody has been before, or nobody was
 * there to see that Redis was emptied, that is nothing.
 */
export const TAKE_OVER = script(
  CONTENT_KEYS,
  `
if now > tonumber(ARGV[4]) then return {} end
local epoch = math.max(tonumber(redis.call('GET', EPOCH) or '0') + 1, tonumber(ARGV[1]))
local since = emptied(redis.call('GET', CALLER))
local longest = since and math.max(0, since + ARGV[3] - now) or 0
redis.call('SET', EPOCH, text(epoch))
redis.call('SET', CALLER, ARGV[2])
redis.call('DEL', REVISIONS, CONTENTS, REPORTS)
for _, key in ipairs(redis.call('HKEYS', CLAIMS)) do
  longest = math.max(longest, busy(key, nil))
  keep(key, claims(key))
end
return { text(epoch), text(longest) }`,
);

/** ARGV: epoch, key, revision, content. Gives 0 when another epoch has begun. An emptied Redis takes this epoch again. */
export const PUT = script(
  CONTENT_KEYS,
  `
if tonumber(redis.call('GET', EPOCH) or '0') > tonumber(ARGV[1]) then return 0 end
redis.call('SET', EPOCH, ARGV[1])
caller()
if tonumber(redis.call('HGET', REVISIONS, ARGV[2]) or '0') > tonumber(ARGV[3]) then return 1 end
redis.call('HSET', REVISIONS, ARGV[2], ARGV[3])
redis.call('HSET', CONTENTS, ARGV[2], ARGV[4])
redis.call('HDEL', REPORTS, ARGV[2])
return 1`,
);

/**
 * ARGV: key, revision, name of the caller, lease. Gives the milliseconds for which a worker may be at it. For the length of a
 * lease after Redis was found emptied that is the rest of this time, because claims have been lost; from then on all that
 * are held are known again.
 */
export const WITHDRAW = script(
  CONTENT_KEYS,
  `
if redis.call('HGET', REVISIONS, ARGV[1]) == ARGV[2] then
  redis.call('HDEL', REVISIONS, ARGV[1])
  redis.call('HDEL', CONTENTS, ARGV[1])
end
local report = redis.call('HGET', REPORTS, ARGV[1])
if report and string.match(report, '^%d+') == ARGV[2] then redis.call('HDEL', REPORTS, ARGV[1]) end
local left = busy(ARGV[1], nil)
if left > 0 then return text(left) end
if caller() == ARGV[3] then return '0' end
local since = emptied(caller())
if not since then return ARGV[4] end
if since + ARGV[4] > now then return text(since + ARGV[4] - now) end
redis.call('SET', CALLER, ARGV[3])
return '0'`,
);

/** ARGV: key, worker, lease. Gives nothing; or revision and content; or the milliseconds to wait. */
export const TAKE = script(
  CONTENT_KEYS,
  `
local revision = redis.call('HGET', REVISIONS, ARGV[1])
if not revision then return {} end
local left = busy(ARGV[1], revision)
if left > 0 then return { text(left) } end
local live = claims(ARGV[1])
live[#live + 1] = { revision, text(now + ARGV[3]), ARGV[2] }
keep(ARGV[1], live)
return { revision, redis.call('HGET', CONTENTS, ARGV[1]) }`,
);

/** ARGV: key, worker, revision, report, '1' when it is final, channel. The report counts when the content is still that one. */
export const REPORT = script(
  CONTENT_KEYS,
  `
local live = {}
for _, claim in ipairs(claims(ARGV[1])) do
  if claim[3] ~= ARGV[2] then live[#live + 1] = claim end
end
keep(ARGV[1], live)
redis.call('PUBLISH', ARGV[6], ARGV[1])
if redis.call('HGET', REVISIONS, ARGV[1]) ~= ARGV[3] then return 0 end
local report = cjson.decode(ARGV[4])
if ARGV[5] == '1' then
  redis.call('HDEL', REVISIONS, ARGV[1])
  redis.call('HDEL', CONTENTS, ARGV[1])
else
  local last = redis.call('HGET', REPORTS, ARGV[1])
  if last and string.match(last, '^%d+') == ARGV[3] then
    report.tries = report.tries + cjson.decode(string.match(last, '|(.*)$')).tries
  end
end
redis.call('HSET', REPORTS, ARGV[1], ARGV[3] .. '|' .. cjson.encode(report))
return 1`,
);

/**
 * ARGV: pairs of what was heard before, each a key and the name of the wish, which is forgotten. Gives such pairs of what is wished
 * for: an answer that is lost is given again. A caller asks now and then, and so notes that Redis was emptied even if it has nothing
 * to put.
 */
export const WISHES = script(
  CONTENT_KEYS,
  `
caller()
for index = 1, #ARGV, 2 do
  if redis.call('HGET', WISHED, ARGV[index]) == ARGV[index + 1] then redis.call('HDEL', WISHED, ARGV[index]) end
end
return redis.call('HGETALL', WISHED)`,
);

/** ARGV: channel, a name that no other wish has, keys. */
export const WISH = script(
  CONTENT_KEYS,
  `
for index = 3, #ARGV do redis.call('HSET', WISHED, ARGV[index], ARGV[2]) end
redis.call('PUBLISH', ARGV[1], '')
return 1`,
);
