/**
 * How often one visitor may knock at each of the routes that anybody can call, and all of them together. The address is what the front
 * endpoint found (lib/strongroom/server/client-address.ts). @see RFC 6585 §4, requirements RL-01 and HO-04
 */
import 'server-only';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { currentStore } from '../store/current-store';
import { StoreLimiter, type Turn } from '../store/store-limiter';
import { groupAddress, readClientAddress } from './client-address';

export type RateLimitedEndpoint =
  | 'sign_in'
  | 'callback'
  | 'refresh'
  | 'gateway'
  | 'user_request'
  | 'logout_token';

/** A page of ours asks the API many times while somebody types; a server that ends everybody's sessions speaks for many people. */
const factorOfEndpoint: Readonly<Partial<Record<RateLimitedEndpoint, number>>> = {
  gateway: 10,
  user_request: 10,
  logout_token: 10,
};
/** Addresses that one provider may have given to one customer, and all visitors, may do so many times as much as one. */
const times = { one: 1, network: 10, all: 200 };

type Limits = Record<keyof typeof times, StoreLimiter>;

/** Counts this request. Who is over a narrow limit does not use up a wider one. Never throws. */
export async function checkRateLimit(
  endpoint: RateLimitedEndpoint,
  headers: Pick<Headers, 'get'>,
): Promise<Turn> {
  const limits = limitsOf(endpoint);
  const { line, network } = groupAddress(readClientAddress(headers) ?? 'unknown');
  const keys = { one: line, network, all: 'all' };
  for (const reach of ['one', 'network', 'all'] as const) {
    const turn = await limits[reach].take(keys[reach]);
    if (turn.kind === 'granted') continue;
    if (turn.isFirst) logWarning('rate_limit_reached', { endpoint, of: reach });
    return turn;
  }
  return { kind: 'granted' };
}

function limitsOf(endpoint: RateLimitedEndpoint): Limits {
  return processSingleton(`limits.${endpoint}`, () => {
    const perMinute = getConfig().rateLimitPerMinute * (factorOfEndpoint[endpoint] ?? 1);
    const limit = (of: keyof typeof times) =>
      new StoreLimiter(currentStore(), { name: `${endpoint}.${of}`, perMinute: perMinute * times[of] });
    return { one: limit('one'), network: limit('network'), all: limit('all') };
  });
}
