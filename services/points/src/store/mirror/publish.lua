-- Publishes what a stretch of a shard's journal changed: sets each value unless a newer one is known, and moves the watermark when the stretch
-- joins it. What comes out of turn is noted, and joined when the gap before it is filled. Where the
-- notes are not what they should be, nothing is noted, and the worker publishes again what was missed.
-- KEYS: generation, watermark, ahead, then the key of each value.
-- ARGV: generation, first place, last place, seconds to live, then of each value its place and the value.
if redis.call('get', KEYS[1]) ~= ARGV[1] then
    return 0
end
for number = 1, #KEYS - 3 do
    local key, place, value = KEYS[number + 3], ARGV[2 * number + 3], ARGV[2 * number + 4]
    local known = redis.pcall('getrange', key, 0, 7)
    if type(known) ~= 'string' or #known < 8 or struct.unpack('>I8', known) < tonumber(place) then
        redis.call('set', key, value, 'ex', ARGV[4])
    end
end
local watermark = tonumber(redis.call('get', KEYS[2]) or '0')
if tonumber(ARGV[2]) > watermark + 1 then
    redis.pcall('zadd', KEYS[3], ARGV[2], ARGV[2] .. ':' .. ARGV[3])
    return 1
end
watermark = math.max(watermark, tonumber(ARGV[3]))
local ahead = redis.pcall('zrange', KEYS[3], 0, 0)[1]
while ahead do
    local first, last = string.match(ahead, '(%d+):(%d+)')
    if tonumber(first) > watermark + 1 then
        break
    end
    watermark = math.max(watermark, tonumber(last))
    redis.call('zrem', KEYS[3], ahead)
    ahead = redis.pcall('zrange', KEYS[3], 0, 0)[1]
end
redis.call('set', KEYS[2], string.format('%.0f', watermark))
return 1
