-- Fills in a value that was missed, as it was read together with the shard's head: only if nothing newer of the shard has been seen since. A value
-- beyond the watermark is noted as such, so that nothing older is set over it.
-- KEYS: generation, watermark, ahead, key.
-- ARGV: generation, head, seconds to live, place, value, and 1 to replace whatever is there, because it made no sense.
local known = redis.call('mget', KEYS[1], KEYS[2])
if known[1] ~= ARGV[1] then
    return 0
end
local watermark, place = tonumber(known[2] or '0'), tonumber(ARGV[4])
if watermark > tonumber(ARGV[2]) then
    return 0
end
-- What was published out of turn is newer than the watermark says.
if ARGV[6] == '1' and redis.call('exists', KEYS[3]) == 1 then
    return 0
end
local there = redis.pcall('getrange', KEYS[4], 0, 7)
if ARGV[6] == '1' or type(there) ~= 'string' or #there < 8 or struct.unpack('>I8', there) < place then
    redis.call('set', KEYS[4], ARGV[5], 'ex', ARGV[3])
    if place > watermark then
        redis.pcall('zadd', KEYS[3], place + 1, string.format('%.0f:%.0f', place + 1, place))
    end
end
return 1
