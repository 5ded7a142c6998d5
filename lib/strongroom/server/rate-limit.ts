/**
 * Limits how many requests per minute one client, its network and all clients together may send to the
 * endpoints that need no session. A client is known by the address that the server guard noted
 * (client-address.ts).
 * @see RFC 6585 §4
 */
import 'server-only';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import { currentStore } from '../store/current-store';
import { StoreLimiter } from '../store/store-limiter';
import { groupAddress, readClientAddress } from './client-address';

export type RateLimitedEndpoint =
  | 'sign_in'
  | 'callback'
  | 'refresh'
  | 'gateway'
  | 'user_request'
  | 'logout_token'
  | 'device';

export type RateLimitResult = { kind: 'allowed' } | { kind: 'rate_limited'; retryAfterSec: number };

/**
 * RATE_LIMIT_PER_MINUTE is meant for what users do by hand, such as signing in. An office shares one address,
 * and no password is guessed here, so the limit is ten a second: three thousand people can sign in within
 * five minutes. Three kinds of requests get ten times as much: a page may call the gateway several times while
 * its user types one word, many users of one office send forms, and their browsers prove their keys. Of logout
 * tokens the invalid ones count.
 */
const endpointFactors: Readonly<Partial<Record<RateLimitedEndpoint, number>>> = {
  gateway: 10,
  user_request: 10,
  device: 10,
};

/**
 * How many times the limit of one address its network, and all clients together, may send. An attacker who
 * rents a network can use each of its addresses up to its limit, so the network has a limit too. An attacker
 * with many networks is held by the limit of all clients, which is more than ordinary traffic needs and less
 * than what would overload the store or the authorization server.
 */
const groupFactors = { address: 1, network: 5, all: 50 } as const;

type ClientGroup = keyof typeof groupFactors;

/**
 * From narrow to wide: a client beyond its own limit does not use up the limits that it shares with others.
 */
const clientGroups: readonly ClientGroup[] = ['address', 'network', 'all'];

/**
 * Counts this request for its client, its network and all clients, until one of the limits is exceeded. Never
 * throws.
 */
export async function checkRateLimit(
  endpoint: RateLimitedEndpoint,
  headers: Pick<Headers, 'get'>,
): Promise<RateLimitResult> {
  const limiters = limitersOf(endpoint);
  const { client, network } = groupAddress(readClientAddress(headers) ?? 'unknown');
  const keys: Readonly<Record<ClientGroup, string>> = { address: client, network, all: 'all' };
  // Each address that is counted is an entry in the store: beyond a wider limit no more of them are written.
  for (const group of clientGroups) {
    const exceeded = limiters[group].findExceeded(keys[group]);
    if (exceeded !== null) return { kind: 'rate_limited', retryAfterSec: exceeded.retryAfterSec };
  }
  for (const group of clientGroups) {
    const result = await limiters[group].take(keys[group]);
    if (result.kind !== 'rate_limited') continue;
    if (result.isFirst) logWarning('rate_limit_reached', { endpoint, of: group });
    return { kind: 'rate_limited', retryAfterSec: result.retryAfterSec };
  }
  return { kind: 'allowed' };
}

function limitersOf(endpoint: RateLimitedEndpoint): Readonly<Record<ClientGroup, StoreLimiter>> {
  return processSingleton(`limits.${endpoint}`, () => {
    const perAddress = getConfig().rateLimitPerMinute * (endpointFactors[endpoint] ?? 1);
    const limiterOf = (group: ClientGroup) =>
      new StoreLimiter(currentStore(), {
        name: `${endpoint}.${group}`,
        perMinute: perAddress * groupFactors[group],
      });
    return { address: limiterOf('address'), network: limiterOf('network'), all: limiterOf('all') };
  });
}
