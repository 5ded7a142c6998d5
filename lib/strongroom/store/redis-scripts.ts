/**
 * What Redis does in one step that has no command of its own. Pure: texts of Lua, and how they are called.
 */

export const redisScripts = {
  /** Key: lock. Values: owner, milliseconds. Creates a lock again that was lost. */
  renew: `local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`,
  /** Key: lock. Value: owner. */
  unlock: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`,
  /** Key: counter. Value: milliseconds. */
  increment: `local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count`,
  /** Key: number. Values: number, milliseconds. */
  raise: `local known = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
if known < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1`,
  /** Key: value. Value: milliseconds. Not `PEXPIRE … LT`, which needs Redis 7. */
  shorten: `if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1`,
} as const;
