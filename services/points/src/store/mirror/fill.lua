-- Fills in a value that was missed, as it was read together with the shard's head: only if nothing newer of the shard has been seen since.
-- KEYS: generation, watermark, ahead, key.
-- ARGV: generation, head, seconds to live, place, value, and 1 to replace whatever is there, because it made no sense.
if redis.call('get', KEYS[1]) ~= ARGV[1] then
    return 0
end
if tonumber(redis.call('get', KEYS[2]) or '0') > tonumber(ARGV[2]) then
    return 0
end
-- What was published out of turn is newer than the watermark says.
if ARGV[6] == '1' and redis.call('exists', KEYS[3]) == 1 then
    return 0
end
local known = redis.pcall('getrange', KEYS[4], 0, 7)
if ARGV[6] == '1' or type(known) ~= 'string' or #known < 8 or struct.unpack('>I8', known) < tonumber(ARGV[4]) then
    redis.call('set', KEYS[4], ARGV[5], 'ex', ARGV[3])
end
return 1
