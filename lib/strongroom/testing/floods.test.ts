/**
 * A client that sends a hundred thousand different values does not fill the memory: every map keyed by
 * something from outside has a limit. RL-06
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../base/errors';
import { RefreshBackOff } from '../oauth/refresh/back-off';
import { loadSession } from '../session/load-session';
import { describeCookie, openSealedCookie } from '../session/sealed-cookie';
import { createMemoryStore } from '../store/memory-store';
import { SingleFlight } from '../store/single-flight';
import { createTestJar } from './cookie-jar';
import { useEnvironment } from './environment';
import { isTestSupport, readSources, stripComments } from './source-files';

const flood = 100_000;
const garbage = (number: number) => `Fe26.2*1*${number}*a*a**a*${'a'.repeat(43)}~2`;

/** The largest that any map of the process became. */
const { set } = Map.prototype;
let largest = 0;
beforeEach(() => {
  useEnvironment();
  largest = 0;
  Map.prototype.set = function (this: Map<unknown, unknown>, key, value) {
    set.call(this, key, value);
    largest = Math.max(largest, this.size);
    return this;
  };
});
afterEach(() => {
  Map.prototype.set = set;
});

const memory = createMemoryStore();
const backOff = new RefreshBackOff();
const unavailable = new AppError('temporarily_unavailable', { reason: 'status_503' });
const flights = new SingleFlight<void>();
const floods: Record<string, { limit: number; send: (number: number) => unknown; count?: number }> = {
  'sign-in transactions': {
    limit: 100_001,
    count: 110_000,
    send: (n) => memory.claim(`transaction:${n}`, 'claimed', 900_000),
  },
  'remembered answers': {
    limit: 20_001,
    count: 40_000,
    send: (n) => memory.set(`refresh-result:${n}`, 'sealed', 900_000),
  },
  'tokens in the store': {
    limit: 4_001,
    count: 20_000,
    send: (n) => memory.set(`tokens:${n}`, 'sealed', 900_000),
  },
  'refreshes that fail': {
    limit: 10_001,
    count: 40_000,
    send: (n) => backOff.noteFailure(`token-${n}`, unavailable),
  },
  'work that is shared': { limit: 20, send: (n) => flights.share(`key-${n}`, async () => {}) },
  'seals that are none of ours': {
    limit: 20,
    send: (n) =>
      openSealedCookie(
        createTestJar([['name', garbage(n)]]),
        describeCookie('session', () => 'name', 60),
        () => null,
      ),
  },
  'session cookies that are none of ours': {
    limit: 20,
    count: 20_000,
    send: (n) => loadSession(createTestJar([['__Host-strongroom', garbage(n)]])),
  },
};

describe('a flood', () => {
  it('is noticed when it fills a map', () => {
    const leak = new Map<string, number>();
    for (let number = 0; number < 1_000; number += 1) leak.set(`key-${number}`, number);
    expect(largest).toBe(1_000);
  });

  it.each(Object.entries(floods))(
    'RL-06: of %s stops at its limit',
    async (_what, { limit, send, count = flood }) => {
      for (let number = 0; number < count; number += 1) await send(number);
      expect(largest).toBeLessThanOrEqual(limit);
    },
  );
});

describe('what a process keeps', () => {
  /**
   * Each is bounded, or is keyed by nothing that a visitor chooses. A new one belongs into this list, with
   * its reason.
   */
  const known: Record<string, string> = {
    'lib/strongroom/bff/pending-actions.ts': 'with a limit',
    'lib/strongroom/api/call-limit.ts': 'sessions with a call under way, of which there are at most 500',
    'lib/strongroom/api/log-call.ts': 'with a limit',
    'lib/strongroom/api/not-found-watch.ts': 'the declared APIs',
    'lib/strongroom/base/bounded-map.ts': 'has a limit of its own',
    'lib/strongroom/base/guarded-lookup.ts': 'names of the configuration, with a limit',
    'lib/strongroom/base/process-singleton.ts': 'names of ours',
    'lib/strongroom/base/request-facts.ts': 'requests under way',
    'lib/strongroom/store/memory-store.ts': 'by kind of entry: names of ours, each with a limit',
    'lib/strongroom/store/redis-cluster.ts': 'the primaries of the cluster, and the slots that it has',
    'lib/strongroom/store/redis-durability.ts': 'by connection, and gone with it',
    'lib/strongroom/store/single-flight.ts': 'holds what is under way',
    'lib/strongroom/device/challenges.ts': 'with a limit',
    'lib/strongroom/metrics/count-events.ts': 'series of closed lists',
    'lib/strongroom/metrics/closed-counter.ts': 'series of a closed list',
    'lib/strongroom/oauth/dpop.ts': 'has a limit',
    'lib/strongroom/oauth/dpop-nonces.ts': 'has a limit',
    'lib/strongroom/oauth/dpop-support.ts': 'the declared APIs',
    'lib/strongroom/oauth/refresh/known-targets.ts': 'the declared APIs',
    'lib/strongroom/oauth/refresh/back-off.ts': 'has a limit',
    'lib/strongroom/server/follow-request.ts': 'requests of one connection, gone with it',
    'lib/strongroom/server/connection-limits.ts': 'open connections, and clients with a limit',
    'lib/strongroom/server/kept-page.ts': 'languages, with a limit',
    'lib/strongroom/server/held-requests.ts':
      'clients with a request under way, as many as the heap has room for',
    'lib/strongroom/session/node-cookies.ts': 'the cookies of one request, gone with it',
    'lib/strongroom/session/packed-session.ts': 'names of ours',
    'lib/strongroom/session/revocations.ts': 'with a limit',
    'lib/strongroom/store/store-limiter.ts': 'keys over their limit, with a limit',
    'lib/strongroom/session/session-handover.ts': 'has a limit',
    'lib/strongroom/session/sealed-cookie.ts': 'has a limit',
  };

  it('RL-06: is in listed maps, each with a reason why it stays small', () => {
    const keepers = readSources(['app', 'lib'], ['proxy.ts', 'instrumentation.ts'])
      .filter((source) => !isTestSupport(source))
      .filter(({ text }) => /\bnew (?:Bounded|Weak)?Map\b|globalThis as/.test(stripComments(text)));
    expect(keepers.map(({ path }) => path).sort()).toEqual(Object.keys(known).sort());
  });
});
