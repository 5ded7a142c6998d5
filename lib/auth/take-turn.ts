/**
 * How often one visitor may knock at each of the routes that anybody can call, and all of them together. The address is what the front
 * door found (lib/front-door/client-address.ts). @see RFC 6585 §4, requirements RL-01 and HO-04
 */
import 'server-only';
import { logWarning } from '@/lib/base/log';
import { keepInProcess } from '@/lib/base/process-memory';
import { getConfig } from '@/lib/config/config';
import { groupAddress, readClientAddress } from '@/lib/front-door/client-address';
import { currentStore } from '@/lib/store/current-store';
import { StoreLimiter, type Turn } from '@/lib/store/store-limiter';

export type Door = 'sign_in' | 'callback' | 'refresh' | 'sign_out' | 'proxy' | 'logout_token';

/** A page of ours asks the API many times while somebody types; a server that ends everybody's sessions speaks for many people. */
const timesUsual: Readonly<Partial<Record<Door, number>>> = { proxy: 10, logout_token: 10 };
const visitorsTogether = 50;

type Limits = { each: StoreLimiter; all: StoreLimiter };

/** Counts this request. Who is over their own limit does not use up that of all. Never throws. */
export async function takeTurn(door: Door, headers: Pick<Headers, 'get'>): Promise<Turn> {
  const { each, all } = limitsOf(door);
  const own = await each.take(groupAddress(readClientAddress(headers) ?? 'unknown'));
  const turn = own.kind === 'granted' ? await all.take('all') : own;
  if (turn.kind === 'too_many' && turn.isFirst)
    logWarning('rate_limit_reached', { door, of: own === turn ? 'one' : 'all' });
  return turn;
}

function limitsOf(door: Door): Limits {
  return keepInProcess(`limits.${door}`, () => {
    const perMinute = getConfig().rateLimitPerMinute * (timesUsual[door] ?? 1);
    const limit = (name: string, times: number) =>
      new StoreLimiter(currentStore(), { name: `${door}.${name}`, perMinute: perMinute * times });
    return { each: limit('each', 1), all: limit('all', visitorsTogether) };
  });
}
