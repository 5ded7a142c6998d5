/** Several APIs hang on one rotating refresh token: their refreshes are one queue. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../../base/log';
import { getApi } from '../../config/config';
import { findAccessToken } from '../../session/access-token';
import { revokeSession } from '../../session/revocations';
import type { Session, TokenSet } from '../../session/session';
import { budget } from '../../testing/fuzz-budget';
import { createInstances } from '../../testing/instances';
import { buildSession, buildTokens, noonSec } from '../../testing/sessions';
import {
  allScopes,
  apiNames,
  audiences,
  declareThreeApis,
  rotateStrictly,
  type StrictServer,
  sharedScope,
  type TestApiName,
} from '../../testing/three-apis';
import { startTokenEndpoint, type TokenEndpoint } from '../../testing/token-endpoint';
import { type WatchedStore, watchStore } from '../../testing/watched-store';
import { refreshTokens } from './refresh-coordinator';
import { classify } from './refresh-outcome';
import { toChainLink } from './result-cache';

let server: TokenEndpoint;
let strict: StrictServer;
let store: WatchedStore;
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(() => vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: noonSec * 1000 }));
beforeEach(() => start());
afterEach(() => void vi.useRealTimers());

function start(changes: Record<string, string | undefined> = {}, declaration = {}): void {
  declareThreeApis({ AUTH_ISSUER: server.origin, ...changes }, declaration);
  store = watchStore();
  server.restart();
  strict = rotateStrictly(server);
}

const expired = { expiresAtSec: noonSec - 1, obtainedAtSec: noonSec - 301 };

/** Everything in it is expired at once. */
function sessionOf(changes: Partial<TokenSet> = {}): Session {
  const apiTokens = {
    calendar: { accessToken: 'old-calendar', ...expired },
    files: { accessToken: 'old-files', ...expired },
  };
  const user = { ...buildSession().user, issuer: server.origin };
  const tokens = buildTokens({
    ...expired,
    refreshToken: 'refresh-1',
    scopes: allScopes,
    apiTokens,
    ...changes,
  });
  return buildSession({ user, tokens });
}

const refresh = (name: TestApiName, session = sessionOf()) => refreshTokens(session, { api: getApi(name) });

async function refreshedTokens(name: TestApiName, session = sessionOf()): Promise<TokenSet> {
  const result = await refresh(name, session);
  if (result.kind !== 'fresh') throw new Error(result.reason);
  return result.tokens;
}

const tokenOf = (tokens: TokenSet, name: TestApiName) => findAccessToken(tokens, getApi(name))?.accessToken;

describe('RF-03: requests for several APIs with one expired cookie', () => {
  it('RF-03: send each refresh token once, one after the other, and every request gets the token of its API', async () => {
    const callers = Array.from({ length: 60 }, (_, number) => apiNames[number % 3] ?? 'main');
    const results = await Promise.all(
      callers.map(async (name) => [name, await refreshedTokens(name)] as const),
    );
    for (const [name, tokens] of results) expect(tokenOf(tokens, name)).toContain(`${audiences[name]}#`);
    expect(strict.sent.map(({ refreshToken }) => refreshToken)).toEqual([
      'refresh-1',
      'refresh-2',
      'refresh-3',
    ]);
    expect(strict.reused()).toBe(0);
  });

  it('AZ-10: of which the scopes alone say the API have those of one, also for the first', async () => {
    declareThreeApis({ AUTH_ISSUER: server.origin, AUTH_AUDIENCE_AS: 'scope' });
    for (const name of apiNames) await refreshedTokens(name);
    const forms = server.tokenRequests.map(({ form }) => Object.fromEntries(form));
    expect(forms.map(({ resource, audience, scope }) => [resource, audience, scope])).toEqual([
      [undefined, undefined, 'openid profile email offline_access read:contacts'],
      [undefined, undefined, 'read:events'],
      [undefined, undefined, 'read:files write:files'],
    ]);
  });

  it('RF-05: name one API, with its scopes, and the first as ever', async () => {
    for (const name of apiNames) await refreshedTokens(name);
    const forms = server.tokenRequests.map(({ form }) => Object.fromEntries(form));
    expect(forms.map(({ resource, audience, scope }) => [resource, audience, scope])).toEqual([
      [audiences.main, audiences.main, undefined],
      [audiences.calendar, audiences.calendar, 'read:events'],
      [audiences.files, audiences.files, 'read:files write:files'],
    ]);
  });

  it('RF-04: a late request for another API follows the chain, and sends its newest refresh token once', async () => {
    const old = sessionOf();
    await refreshedTokens('main', old);
    await refreshedTokens('main', sessionOf({ refreshToken: 'refresh-2' }));
    const tokens = await refreshedTokens('files', old);
    expect(strict.sent.at(-1)).toEqual({ refreshToken: 'refresh-3', audience: audiences.files });
    expect(tokenOf(tokens, 'main')).toBe(`${audiences.main}#2`);
    expect([tokens.refreshToken, strict.reused()]).toEqual(['refresh-4', 0]);
  });

  it('RF-04: a late request for the first API gets the newest refresh token, and overwrites no newer one', async () => {
    const old = sessionOf();
    for (const name of apiNames) await refreshedTokens(name, old);
    const tokens = await refreshedTokens('main', old);
    expect(tokens).toMatchObject({ refreshToken: 'refresh-4', refreshes: 3 });
    expect(strict.sent).toHaveLength(3);
  });

  it('RF-03: any interleaving at two instances sends each refresh token at most once', async () => {
    const name = fc.constantFrom(...apiNames);
    const caller = fc.record({ name, isThere: fc.boolean(), delay: fc.nat(30) });
    const callers = fc.array(caller, { minLength: 2, maxLength: 12 });
    const waits = fc.infiniteStream(fc.nat(4));
    await fc.assert(
      fc.asyncProperty(callers, callers, waits, async (first, late, wait) => {
        start();
        const [here, there] = createInstances(2);
        store.before = () => passLoops(wait.next().value ?? 0);
        const old = sessionOf();
        const ask = async (asked: (typeof first)[number]) => {
          await passLoops(asked.delay);
          const instance = asked.isThere ? there : here;
          const tokens = await instance?.(() => refreshedTokens(asked.name, old));
          expect(tokens === undefined ? '' : tokenOf(tokens, asked.name)).toContain(audiences[asked.name]);
        };
        await Promise.all(first.map(ask));
        await Promise.all(late.map(ask));
        const apis = new Set([...first, ...late].map((asked) => asked.name));
        expect([strict.sent.length, strict.reused()]).toEqual([apis.size, 0]);
      }),
      budget(20),
    );
  }, 300_000);

  it('RF-03: a server that does not rotate: no refresh undoes that of another API', async () => {
    server.onTokenRequest = ({ form, respond }) =>
      respond({ access_token: `${form.get('resource')}#`, token_type: 'Bearer', expires_in: 300 });
    const [here, there] = createInstances(2);
    await Promise.all(
      [here, there].flatMap((at) => apiNames.map((name) => at?.(() => refreshedTokens(name)))),
    );
    const tokens = await refreshedTokens('files');
    for (const name of apiNames) expect(tokenOf(tokens, name)).toBe(`${audiences[name]}#`);
    expect(server.tokenRequests).toHaveLength(3);
  });

  it('RF-13: a sign-out while requests wait in the queue wins for all of them', async () => {
    server.onTokenRequest = null;
    const session = sessionOf();
    const waiting = apiNames.map((name) => refresh(name, session));
    const request = await server.arrival();
    await revokeSession(session, 'signed_out_everywhere');
    request.respond({ access_token: 'a', token_type: 'Bearer', expires_in: 300, refresh_token: 'refresh-2' });
    const end = { kind: 'login_required', reason: 'signed_out_everywhere' };
    expect(await Promise.all(waiting)).toEqual([end, end, end]);
    expect(server.tokenRequests).toHaveLength(1);
  });
});

describe('RF-11: an API for which the server gives no token', () => {
  const rejections: [string, unknown, number][] = [
    ['invalid_target', { error: 'invalid_target' }, 400],
    ['invalid_scope', { error: 'invalid_scope' }, 400],
    ['a code of its own', { error: 'access_denied', error_description: 'Service not found' }, 403],
  ];

  /** Rejects one API, and rotates for the others. */
  function reject(name: TestApiName, body: unknown, status: number): void {
    const rotate = server.onTokenRequest;
    server.onTokenRequest = (request) =>
      request.form.get('resource') === audiences[name] ? request.respond(body, status) : rotate?.(request);
  }

  it.each(rejections)('RF-11: by %s costs that API alone, and is asked once', async (_what, body, status) => {
    reject('calendar', body, status);
    const session = sessionOf();
    const asked = apiNames.flatMap((name) => [
      refreshedTokens(name, session),
      refreshedTokens(name, session),
    ]);
    const all = await Promise.all(asked);
    expect(all.map((tokens) => tokenOf(tokens, 'calendar')).filter((token) => token === null)).not.toEqual(
      [],
    );
    const newest = await refreshedTokens('files', session);
    expect(tokenOf(newest, 'main')).toContain(audiences.main);
    expect(tokenOf(newest, 'files')).toContain(audiences.files);
    expect(server.tokenRequests).toHaveLength(3);
    expect(strict.reused()).toBe(0);
  });

  it('RF-11: by invalid_scope is no failure of the operator: users decline', async () => {
    const warnings = vi.spyOn(log, 'logWarning').mockImplementation(() => {});
    const failures = vi.spyOn(log, 'logFailure').mockImplementation(() => {});
    reject('calendar', { error: 'invalid_scope' }, 400);
    await refreshedTokens('calendar', sessionOf());
    const named = { api: 'calendar', permissions: 'read:events' };
    expect([warnings.mock.calls, failures.mock.calls]).toEqual([[['permission_not_granted', named]], []]);
    vi.restoreAllMocks();
  });

  it('RF-18: is asked again after five minutes, and not before', async () => {
    reject('calendar', { error: 'invalid_target' }, 400);
    const session = sessionOf();
    const paused = await refreshedTokens('calendar', session);
    vi.setSystemTime((noonSec + 299) * 1000);
    await refreshedTokens('calendar', { ...session, tokens: paused });
    expect(server.tokenRequests).toHaveLength(1);
    vi.setSystemTime((noonSec + 301) * 1000);
    strict = rotateStrictly(server);
    const tokens = await refreshedTokens('calendar', { ...session, tokens: paused });
    expect(tokenOf(tokens, 'calendar')).toBe(`${audiences.calendar}#1`);
  });

  /** Of the refresh of a user of their own. @returns whether the server was asked */
  async function isAskedFor(user: string, name: TestApiName = 'calendar'): Promise<boolean> {
    const before = server.tokenRequests.length;
    const session = sessionOf({ refreshToken: `refresh-of-${user}` });
    await refresh(name, { ...session, user: { ...session.user, subject: user.split('-at-')[0] ?? '' } });
    return server.tokenRequests.length > before;
  }
  const later = (sec: number) => vi.setSystemTime((noonSec + sec) * 1000);

  it('RF-11: by invalid_target, where it may spend the refresh token, is asked by two users and not by each', async () => {
    server.onTokenRequest = ({ form, respond }) =>
      form.get('resource') === audiences.main
        ? respond({ access_token: 'a', token_type: 'Bearer', expires_in: 300 })
        : respond({ error: 'invalid_target' }, 400);
    expect([await isAskedFor('ada'), await isAskedFor('mary')]).toEqual([true, true]);
    const tokens = await refreshedTokens('calendar', sessionOf({ refreshToken: 'refresh-of-grace' }));
    expect([tokenOf(tokens, 'calendar'), tokens.refreshToken]).toEqual([null, 'refresh-of-grace']);
    expect(server.tokenRequests).toHaveLength(2);
    expect([await isAskedFor('alan', 'main'), await isAskedFor('alan', 'files')]).toEqual([true, true]);
    later(301);
    expect([await isAskedFor('tim'), await isAskedFor('linus')]).toEqual([true, false]);
    later(301 + 599);
    expect(await isAskedFor('barbara')).toBe(false);
    later(301 + 601);
    expect(await isAskedFor('margaret')).toBe(true);
  });

  it('RF-11: by invalid_target to one user, while others are given it, is asked for each of them', async () => {
    const respondTo = (isGiven: (user: string) => boolean) => {
      server.onTokenRequest = ({ form, respond }) =>
        isGiven(form.get('refresh_token') ?? '')
          ? respond({ access_token: 'a', token_type: 'Bearer', expires_in: 300 })
          : respond({ error: 'invalid_target' }, 400);
    };
    respondTo((user) => user.endsWith('-ada'));
    expect([await isAskedFor('ada'), await isAskedFor('grace'), await isAskedFor('alan')]).toEqual([
      true,
      true,
      true,
    ]);
    // The server forgot that API.
    respondTo(() => false);
    later(3_601);
    expect([await isAskedFor('tim'), await isAskedFor('alan'), await isAskedFor('linus')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('RF-11: by invalid_target to one user, in however many sessions, is given to another one', async () => {
    server.onTokenRequest = ({ form, respond }) =>
      form.get('refresh_token')?.startsWith('refresh-of-ada')
        ? respond({ error: 'invalid_target' }, 400)
        : respond({ access_token: 'a', token_type: 'Bearer', expires_in: 300 });
    for (const session of ['ada', 'ada-at-work', 'ada-at-home']) expect(await isAskedFor(session)).toBe(true);
    expect(await isAskedFor('grace')).toBe(true);
  });

  it('RF-11: the first API too: the others send the refresh token', async () => {
    reject('main', { error: 'invalid_target' }, 400);
    const session = sessionOf();
    const [main, calendar] = await Promise.all([refresh('main', session), refresh('calendar', session)]);
    expect(main).toEqual({ kind: 'retry_later', reason: 'invalid_target' });
    expect(calendar).toMatchObject({ kind: 'fresh', tokens: { refreshToken: 'refresh-2' } });
  });

  it('RF-06: invalid_grant for another API costs that API alone, and for the first one ends the session', async () => {
    server.onTokenRequest = ({ respond }) => respond({ error: 'invalid_grant' }, 400);
    const session = sessionOf();
    const tokens = await refreshedTokens('calendar', session);
    expect([tokenOf(tokens, 'calendar'), tokens.refreshToken]).toEqual([null, 'refresh-1']);
    const result = await refresh('main', session);
    expect(result).toEqual({ kind: 'login_required', reason: 'invalid_grant' });
    expect(server.tokenRequests).toHaveLength(2);
  });

  const unusable: [string, object][] = [
    ['of another type', { token_type: 'N_A' }],
    ['that is bound, where a bearer token was asked for', { token_type: 'DPoP' }],
    ['that would end the header', { access_token: 'two\nlines' }],
    ['that is not there', { access_token: undefined }],
  ];

  /** Rotates for all, with access tokens for one API that cannot be used. */
  function spoil(name: TestApiName, changes: object): void {
    const rotate = server.onTokenRequest;
    server.onTokenRequest = ({ respond, ...request }) => {
      const isSpoilt = request.form.get('resource') === audiences[name];
      const respondSpoilt: typeof respond = (body, ...more) =>
        respond(isSpoilt ? { ...(body as object), ...changes } : body, ...more);
      return rotate?.({ ...request, respond: respondSpoilt });
    };
  }

  it.each(unusable)(
    'RF-09: a token %s costs that API alone, and the refresh token beside it is kept',
    async (_what, changes) => {
      spoil('calendar', changes);
      const session = sessionOf();
      const paused = await refreshedTokens('calendar', session);
      expect([tokenOf(paused, 'calendar'), paused.refreshToken]).toEqual([null, 'refresh-2']);
      const all = await Promise.all(apiNames.map((name) => refreshedTokens(name, session)));
      for (const tokens of all) expect(tokens.refreshToken).not.toBe('refresh-1');
      const [first, ...others] = strict.sent.map(({ audience }) => audience);
      expect(first).toBe(audiences.calendar);
      // Which of two that ask at once comes first is left to chance.
      expect(others.toSorted()).toEqual([audiences.files, audiences.main].toSorted());
      expect(strict.reused()).toBe(0);
    },
  );

  it('RF-09: a token of the first API that cannot be used: the session goes on with the refresh token beside it', async () => {
    spoil('main', { token_type: 'N_A' });
    const session = sessionOf();
    const tokens = await refreshedTokens('main', session);
    expect(tokens).toMatchObject({ refreshToken: 'refresh-2', accessToken: session.tokens.accessToken });
    // It is asked again later, and not by the next request.
    expect(await refresh('main', { ...session, tokens })).toEqual({
      kind: 'retry_later',
      reason: 'token_type',
    });
    expect([strict.sent.length, strict.reused()]).toEqual([1, 0]);
  });

  it('RF-09: without a new refresh token, the old one is sent for the others', async () => {
    server.onTokenRequest = ({ form, respond }) =>
      respond({ access_token: 'a', token_type: form.get('resource') === audiences.main ? 'Bearer' : 'N_A' });
    const tokens = await refreshedTokens('calendar');
    expect([tokenOf(tokens, 'calendar'), tokens.refreshToken]).toEqual([null, 'refresh-1']);
    expect(tokenOf(await refreshedTokens('main'), 'main')).toBe('a');
  });

  it('RF-05: what a refresh on the way said about the user stays with the tokens of another API', async () => {
    const { user, claims } = sessionOf();
    const identity = { user, claims, roles: ['reader'] };
    const tokens = { ...sessionOf().tokens, refreshToken: 'refresh-1' };
    const link = toChainLink(tokens, identity);
    const refresh = { session: sessionOf(), link, api: getApi('calendar') };
    expect(await classify(refresh, { kind: 'fresh', tokens })).toMatchObject({ identity });
  });
});

describe('RF-11: the scopes of a response for one API', () => {
  it('RF-11: take nothing from those of others', async () => {
    server.onTokenRequest = ({ form, respond }) =>
      respond({
        access_token: 'a',
        token_type: 'Bearer',
        scope: form.get('resource') === audiences.files ? 'read:files' : 'read:contacts',
      });
    await refreshedTokens('main');
    const { scopes } = await refreshedTokens('files');
    expect(scopes).toEqual(allScopes.filter((scope) => scope !== 'write:files'));
  });

  it.each([
    ['a narrower scope', { access_token: 'a', token_type: 'Bearer', scope: 'read:files' }, 200, true],
    ['invalid_scope', { error: 'invalid_scope' }, 400, false],
  ])('RF-11: take nothing by %s of what another API names too', async (_what, body, status, isKept) => {
    start({}, sharedScope);
    server.onTokenRequest = ({ respond }) => respond(body, status);
    const { scopes } = await refreshedTokens('files');
    expect([scopes.includes('read:events'), scopes.includes('read:files')]).toEqual([true, isKept]);
  });
});

describe('RF-05: a server without resource indicators', () => {
  const jwt = (aud?: string | string[], n = 0) =>
    `e30.${Buffer.from(JSON.stringify({ aud, n })).toString('base64url')}.c2ln`;

  it('RF-05: that gives the token of the first API for another one: it is not sent there', async () => {
    const token = { access_token: jwt(audiences.main), token_type: 'Bearer', expires_in: 300 };
    server.onTokenRequest = ({ respond }) => respond({ ...token, refresh_token: 'refresh-2' });
    const tokens = await refreshedTokens('calendar');
    expect(tokenOf(tokens, 'calendar')).toBeNull();
    expect(tokens.refreshToken).toBe('refresh-2');
  });

  it('RF-05: that gives the very token of the first API, opaque as it is: it is not sent to another one', async () => {
    const { accessToken } = sessionOf().tokens;
    server.onTokenRequest = ({ respond }) => respond({ access_token: accessToken, token_type: 'Bearer' });
    expect(tokenOf(await refreshedTokens('calendar'), 'calendar')).toBeNull();
  });

  it.each<[unknown, string | string[] | undefined, string | string[] | undefined, boolean]>([
    ['an audience that is not configured', 'account', 'account', false],
    ['the same as a list', 'account', ['account'], false],
    ['several in another order', ['account', 'broker'], ['broker', 'account'], false],
    ['none', undefined, undefined, false],
    ['another one than the first has', 'account', 'calendar-by-another-name', true],
    ['its own among those of the first', 'account', ['account', audiences.calendar], true],
  ])('RF-05: a new token for another API with %s (first: %j, it: %j) is kept: %s', async (...row) => {
    const [, first, other, isKept] = row;
    const accessToken = jwt(other, 2);
    server.onTokenRequest = ({ respond }) => respond({ access_token: accessToken, token_type: 'Bearer' });
    const tokens = await refreshedTokens('calendar', sessionOf({ accessToken: jwt(first, 1) }));
    expect(tokenOf(tokens, 'calendar')).toBe(isKept ? accessToken : null);
  });

  it('RF-05: works with one token for all, where the operator says that the audience is the same', async () => {
    start({ CALENDAR_AUDIENCE: audiences.main });
    await Promise.all([refreshedTokens('main'), refreshedTokens('calendar')]);
    expect(strict.sent).toEqual([{ refreshToken: 'refresh-1', audience: audiences.main }]);
    expect(getApi('calendar').tokenName).toBeNull();
  });
});

/** Lets the event loop go round so often. */
async function passLoops(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1)
    await new Promise<void>((resolve) => void setImmediate(resolve));
}
