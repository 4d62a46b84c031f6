-- Begins a new generation of a shard: what was mirrored before is abandoned at once. Does nothing when another process has begun one.
-- Nonsense in place of a generation is as good as none.
-- KEYS: generation, watermark, ahead.
-- ARGV: the generation that is to end, empty when there is none; the new one; the place up to which nothing has to be published.
local known = redis.pcall('get', KEYS[1])
if type(known) ~= 'string' or not string.match(known, '^[1-9]%d*$') then
    known = ''
end
if known ~= ARGV[1] then
    return 0
end
redis.call('set', KEYS[1], ARGV[2])
redis.call('set', KEYS[2], ARGV[3])
redis.call('del', KEYS[3])
return 1
