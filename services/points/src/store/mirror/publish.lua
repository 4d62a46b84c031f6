-- Publishes what a stretch of a shard's journal changed: sets each value unless a newer one is known, and moves the watermark when the stretch
-- joins it. What lies beyond the watermark is noted: a stretch that comes out of turn, which is joined when the gap before it is filled, and a value
-- that is newer than its stretch, as a stretch of nothing behind it. While nothing is noted nothing is newer than the watermark, and values of the
-- stretch that joins it are set without a look. Where the notes are not what they should be, nothing is noted, and the worker publishes again what was
-- missed.
-- KEYS: generation, watermark, ahead, then the key of each value.
-- ARGV: generation, first place, last place, the greatest place of a value, seconds to live, then of each value its place and the value.
local known = redis.call('mget', KEYS[1], KEYS[2])
if known[1] ~= ARGV[1] then
    return 0
end
local watermark, first, last, greatest = tonumber(known[2] or '0'), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local is_next = first == watermark + 1 and redis.call('exists', KEYS[3]) == 0
for number = 1, #KEYS - 3 do
    local key, place, value = KEYS[number + 3], ARGV[2 * number + 4], ARGV[2 * number + 5]
    local there = not is_next and redis.pcall('getrange', key, 0, 7)
    if type(there) ~= 'string' or #there < 8 or struct.unpack('>I8', there) < tonumber(place) then
        redis.call('set', key, value, 'ex', ARGV[5])
    end
end
if greatest > last then
    redis.pcall('zadd', KEYS[3], greatest + 1, string.format('%.0f:%.0f', greatest + 1, greatest))
end
if first > watermark + 1 then
    redis.pcall('zadd', KEYS[3], first, ARGV[2] .. ':' .. ARGV[3])
    return 1
end
watermark = math.max(watermark, last)
local ahead = not (is_next and greatest <= last) and redis.pcall('zrange', KEYS[3], 0, 0)[1]
while ahead do
    local from, to = string.match(ahead, '(%d+):(%d+)')
    if tonumber(from) > watermark + 1 then
        break
    end
    watermark = math.max(watermark, tonumber(to))
    redis.call('zrem', KEYS[3], ahead)
    ahead = redis.pcall('zrange', KEYS[3], 0, 0)[1]
end
redis.call('set', KEYS[2], string.format('%.0f', watermark))
return 1
