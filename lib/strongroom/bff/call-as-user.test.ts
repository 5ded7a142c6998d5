import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiResult } from '../api/api-result';
import { readSession } from '../session/load-session';
import type { Session } from '../session/session';
import { writeSession } from '../session/session-cookie';
import { createTestJar, type TestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
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
const rejected: ApiResult<string> = { kind: 'invalid_token', tokenFingerprint: 'pseudonym' };

/** Asks an API that gives these answers, one after the other. */
async function call(results: ApiResult<string>[], expiresAtSec = noonSec + 300) {
  const session = buildSession({ tokens: buildTokens({ expiresAtSec }) });
  await writeSession(jar, session);
  return callAs({ jar, session }, async ({ tokens }: Session) => {
    asked.push(tokens.accessToken);
    return results[asked.length - 1] ?? ok;
  });
}

/** The server gives access-2, access-3, … */
function rotate(): void {
  server.onTokenRequest = (request) => {
    const number = server.tokenRequests.length + 1;
    const tokens = { access_token: `access-${number}`, refresh_token: `refresh-${number}` };
    request.respond({ ...tokens, token_type: 'Bearer', expires_in: 300 });
  };
}

describe('asking the API for a person', () => {
  it('RF-01: with a good token asks once, and nobody for another', async () => {
    expect(await call([ok])).toEqual(ok);
    expect([asked, server.tokenRequests.length]).toEqual([['access-token-1'], 0]);
  });

  it('RF-01: with a token that has ended asks with a new one, which is in the cookie by then', async () => {
    rotate();
    expect(await call([ok], noonSec - 1)).toEqual(ok);
    expect(asked).toEqual(['access-2']);
    expect((await readSession(jar))?.tokens.refreshToken).toBe('refresh-2');
  });

  it('RC-02: a rejected token is renewed once, and the request sent once more', async () => {
    rotate();
    expect(await call([rejected, ok])).toEqual(ok);
    expect(asked).toEqual(['access-token-1', 'access-2']);
  });

  it('RC-02: rejected again, it is over, without a loop', async () => {
    rotate();
    expect(await call([rejected, rejected])).toEqual({ kind: 'login_required', reason: 'invalid_token' });
    expect(asked).toEqual(['access-token-1', 'access-2']);
    expect(server.tokenRequests).toHaveLength(1);
    expect(await readSession(jar)).toBeNull();
  });

  it('RC-14: rejected, and the grant is over: so is the session', async () => {
    server.onTokenRequest = (request) => request.respond({ error: 'invalid_grant' }, 400);
    expect(await call([rejected])).toEqual({ kind: 'login_required', reason: 'invalid_grant' });
    expect(asked).toHaveLength(1);
    expect(await readSession(jar)).toBeNull();
  });

  it('RF-07: rejected, and no new token for now: nobody is signed out', async () => {
    server.onTokenRequest = (request) => request.respond({}, 503);
    expect(await call([rejected])).toEqual({ kind: 'unavailable', reason: 'refresh_delayed' });
    expect(await readSession(jar)).not.toBeNull();
  });

  it.each<ApiResult<string>>([
    { kind: 'access_denied' },
    { kind: 'not_found' },
    { kind: 'unavailable', reason: 'status_503' },
    { kind: 'rate_limited', retryAfterSec: 5 },
    { kind: 'insufficient_scope', scope: 'write:messages' },
    { kind: 'insufficient_user_authentication', requirement: { maxAgeSec: 300, acrValues: [] } },
  ])('RC-04 to RC-07: any other answer is passed on, and nothing is repeated: $kind', async (answer) => {
    expect(await call([answer])).toEqual(answer);
    expect([asked.length, server.tokenRequests.length]).toEqual([1, 0]);
  });
});
