import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiResult } from '../api/api-result';
import { getApi } from '../config/config';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { readSession } from '../testing/read-session';
import { buildSession, buildTokens, noonSec } from '../testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '../testing/token-endpoint';
import { callAs } from './call-as-user';

let server: TokenEndpoint;
let jar: TestJar;
/** The access tokens that the API was asked with. */
let asked: string[];
beforeAll(async () => {
  server = await startTokenEndpoint();
});
afterAll(() => server.close());
beforeEach(async () => {
  useEnvironment({ AUTH_ISSUER: server.origin });
  server.restart();
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = createTestJar();
  asked = [];
});
afterEach(() => void vi.useRealTimers());

const ok: ApiResult<string> = { kind: 'ok', value: 'done' };
const rejection = { apiTimeSec: null, error: undefined, description: undefined };
const rejected: ApiResult<string> = { kind: 'invalid_token', tokenFingerprint: 'pseudonym', rejection };
const unavailable: ApiResult<string> = {
  kind: 'unavailable',
  reason: 'invalid_token',
  problem: 'token_rejected',
};

/** Calls an API that gives these results, one after the other. */
async function call(results: ApiResult<string>[], expiresAtSec = noonSec + 300) {
  const session = buildSession({ tokens: buildTokens({ expiresAtSec }) });
  await writeSession(jar, session);
  const respond = async ({ tokens }: Session) => {
    asked.push(tokens.accessToken);
    return results[asked.length - 1] ?? ok;
  };
  return callAs({ jar, session }, respond, getApi());
}

/** The server gives access-2, access-3, … */
function rotate(): void {
  server.onTokenRequest = (request) => {
    const number = server.tokenRequests.length + 1;
    const tokens = { access_token: `access-${number}`, refresh_token: `refresh-${number}` };
    request.respond({ ...tokens, token_type: 'Bearer', expires_in: 300 });
  };
}

describe('a call to the API from an action or a route', () => {
  it('RF-01: with a token that is not due is sent once, and no token is refreshed', async () => {
    expect(await call([ok])).toEqual(ok);
    expect([asked, server.tokenRequests.length]).toEqual([['access-token-1'], 0]);
  });

  it('RF-01: with an expired token is sent with a new one, which the cookie holds by then', async () => {
    rotate();
    expect(await call([ok], noonSec - 1)).toEqual(ok);
    expect(asked).toEqual(['access-2']);
    expect((await readSession(jar))?.tokens.refreshToken).toBe('refresh-2');
  });

  it('RC-02: whose token the API rejects is repeated once with a new token', async () => {
    rotate();
    expect(await call([rejected, ok])).toEqual(ok);
    expect(asked).toEqual(['access-token-1', 'access-2']);
  });

  it('RC-02: whose new token the API rejects too is unavailable; it is not repeated again, and the session stays', async () => {
    rotate();
    expect(await call([rejected, unavailable])).toEqual(unavailable);
    expect(asked).toEqual(['access-token-1', 'access-2']);
    expect(server.tokenRequests).toHaveLength(1);
    expect((await readSession(jar))?.tokenReplacedAtSec).toBe(noonSec);
  });

  it('RC-14: whose token is rejected, and whose refresh token too, revokes the session', async () => {
    server.onTokenRequest = (request) => request.respond({ error: 'invalid_grant' }, 400);
    expect(await call([rejected])).toEqual({ kind: 'login_required', reason: 'invalid_grant' });
    expect(asked).toHaveLength(1);
    expect(await readSession(jar)).toBeNull();
  });

  it('RF-07: whose token is rejected while no new one can be had signs no user out', async () => {
    server.onTokenRequest = (request) => request.respond({}, 503);
    expect(await call([rejected])).toEqual({
      kind: 'unavailable',
      reason: 'refresh_delayed',
      problem: 'not_refreshed',
    });
    expect(await readSession(jar)).not.toBeNull();
  });

  it.each<ApiResult<string>>([
    { kind: 'access_denied' },
    { kind: 'not_found' },
    { kind: 'unavailable', reason: 'status_503' },
    { kind: 'rate_limited', retryAfterSec: 5 },
    { kind: 'insufficient_scope', scope: 'write:messages' },
    { kind: 'insufficient_user_authentication', requirement: { maxAgeSec: 300, acrValues: [] } },
  ])('RC-04 to RC-07: with any other result hands it on and is not repeated: $kind', async (result) => {
    expect(await call([result])).toEqual(result);
    expect([asked.length, server.tokenRequests.length]).toEqual([1, 0]);
  });
});
