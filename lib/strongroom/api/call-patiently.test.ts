/** A token that the API rejects: what is tried again, when, and what the operator reads. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import type { ApiResult } from './api-result';
import { callPatiently } from './call-patiently';
import type { TokenRejection } from './token-rejection';

const waits = vi.hoisted(() => [] as number[]);
vi.mock('node:timers/promises', () => ({ setTimeout: async (ms: number) => void waits.push(ms) }));
const errors = vi.hoisted(() => [] as object[]);
vi.mock('../base/log', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../base/log')>()),
  logFailure: (event: string, _error: unknown, fields: object) => errors.push({ event, ...fields }),
}));
beforeEach(() => {
  useEnvironment({ AUTH_AUDIENCE: 'https://api.example' });
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  waits.length = 0;
  errors.length = 0;
});
afterEach(() => void vi.useRealTimers());

const ok: ApiResult<string> = { kind: 'ok', value: 'done' };
const rejectedAt = (apiTimeSec: number | null, more: Partial<TokenRejection> = {}): ApiResult<string> => ({
  kind: 'invalid_token',
  tokenFingerprint: 'fingerprint',
  rejection: { apiTimeSec, error: undefined, description: undefined, ...more },
});
const jwt = (claims: object) =>
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const fresh = buildSession();
const replaced = buildSession({ tokenReplacedAtSec: noonSec - 1 });

/** The API gives these results, one after the other. */
async function call(results: ApiResult<string>[], session = fresh, more: { endsAtMs?: number } = {}) {
  let sent = 0;
  const send = async () => ({ result: results[sent++] ?? ok });
  const { result } = await callPatiently(session, { method: 'GET', resource: 'things', send, ...more });
  return { result, sent };
}

describe('a token that has not begun by the API’s clock', () => {
  it('RC-12: is sent again when it has', async () => {
    expect(await call([rejectedAt(noonSec - 3), ok])).toEqual({ result: ok, sent: 2 });
    expect(waits).toEqual([3_100]);
    const clocks = { ourTime: '2026-03-12T12:00:00.000Z', apiTime: '2026-03-12T11:59:57.000Z' };
    expect(errors).toEqual([
      expect.objectContaining({ event: 'token_rejected', reason: 'token_not_yet_valid', ...clocks }),
    ]);
  });

  it.each([
    ['iat', { iat: noonSec - 60, nbf: undefined }],
    ['nbf', { iat: noonSec - 90, nbf: noonSec - 60 }],
  ])('RC-12: the server that issued it counts, by %s, where the token says so', async (_claim, claims) => {
    const session = buildSession({ tokens: buildTokens({ accessToken: jwt(claims) }) });
    await call([rejectedAt(noonSec - 62)], session);
    expect(waits).toEqual([2_100]);
  });

  it('RC-12: holds no page for a longer time, is not replaced by a younger one, and says when to come back', async () => {
    const retryLater = { kind: 'unavailable', reason: 'token_not_yet_valid', problem: 'token_rejected' };
    expect(await call([rejectedAt(noonSec - 90)])).toEqual({
      result: { ...retryLater, retryAfterSec: 90 },
      sent: 1,
    });
    expect(waits).toEqual([]);
  });

  it('RC-08, RC-12: does not wait longer than its call may take', async () => {
    const soon = { endsAtMs: performance.now() + 3_000 };
    expect(await call([rejectedAt(noonSec - 3)], fresh, soon)).toMatchObject({
      result: { kind: 'unavailable', retryAfterSec: 3 },
      sent: 1,
    });
    expect(waits).toEqual([]);
  });

  it.each([
    ['an hour behind', noonSec - 3_600],
    ['ahead', noonSec + 90],
    ['not known', null],
  ])('RC-02: a clock that is %s is not the reason: the token is replaced', async (_where, apiTimeSec) => {
    expect((await call([rejectedAt(apiTimeSec)])).result.kind).toBe('invalid_token');
    expect(waits).toEqual([]);
  });

  it.each([Number.NaN, 'soon', 1e300, -1, null])(
    'RC-12: a token that says it began at %j holds no page',
    async (iat) => {
      const session = buildSession({
        tokens: buildTokens({ accessToken: jwt({ iat }), obtainedAtSec: noonSec - 60 }),
      });
      expect((await call([rejectedAt(noonSec)], session)).result.kind).toBe('invalid_token');
      expect(waits).toEqual([]);
    },
  );
});

describe('a fresh token that one resource rejects', () => {
  const unavailable = { kind: 'unavailable', reason: 'invalid_token', problem: 'token_rejected' };

  it('RC-02: makes the resource unavailable, however the session came by its tokens', async () => {
    expect((await call([rejectedAt(noonSec)], replaced)).result).toEqual(unavailable);
    const without = buildSession({ tokens: buildTokens({ refreshToken: null }) });
    expect((await call([rejectedAt(noonSec)], without)).result).toEqual(unavailable);
  });

  it('RC-02: is replaced again after a minute', async () => {
    const earlier = buildSession({ tokenReplacedAtSec: noonSec - 60 });
    expect((await call([rejectedAt(noonSec)], earlier)).result.kind).toBe('invalid_token');
  });
});
