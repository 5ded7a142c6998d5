/** app/dashboard/call-for-person.ts: tested here because the tests of the application are those of lib. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiAnswer } from '@/lib/api/answer';
import { readSession } from '@/lib/session/look-up-session';
import type { Session } from '@/lib/session/session';
import { writeSession } from '@/lib/session/session-cookie';
import { createTestJar, type TestJar } from '@/lib/testing/cookie-jar';
import { useEnvironment } from '@/lib/testing/environment';
import { buildSession, buildTokens, noonSec } from '@/lib/testing/sessions';
import { startTokenEndpoint, type TokenEndpoint } from '@/lib/testing/token-endpoint';
import { callFor, callForPerson } from './call-for-person';

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

const ok: ApiAnswer<string> = { kind: 'ok', value: 'done' };
const refused: ApiAnswer<string> = { kind: 'token_refused', tokenMark: 'mark' };

/** Asks an API that gives these answers, one after the other. */
async function call(answers: ApiAnswer<string>[], expiresAtSec = noonSec + 300) {
  const session = buildSession({ tokens: buildTokens({ expiresAtSec }) });
  await writeSession(jar, session);
  return callForPerson(jar, session, async ({ tokens }: Session) => {
    asked.push(tokens.accessToken);
    return answers[asked.length - 1] ?? ok;
  });
}

/** The server gives access-2, access-3, … */
function rotate(): void {
  server.answer = (request) => {
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

  it('RC-02: a refused token is renewed once, and the request sent once more', async () => {
    rotate();
    expect(await call([refused, ok])).toEqual(ok);
    expect(asked).toEqual(['access-token-1', 'access-2']);
  });

  it('RC-02: refused again, it is over, without a loop', async () => {
    rotate();
    expect(await call([refused, refused])).toEqual({ kind: 'ended' });
    expect(asked).toEqual(['access-token-1', 'access-2']);
    expect(server.tokenRequests).toHaveLength(1);
    expect(await readSession(jar)).toBeNull();
  });

  it('RC-14: refused, and the grant is over: so is the session', async () => {
    server.answer = (request) => request.respond({ error: 'invalid_grant' }, 400);
    expect(await call([refused])).toEqual({ kind: 'ended' });
    expect(asked).toHaveLength(1);
    expect(await readSession(jar)).toBeNull();
  });

  it('RF-07: refused, and no new token for now: nobody is signed out', async () => {
    server.answer = (request) => request.respond({}, 503);
    expect(await call([refused])).toEqual({ kind: 'unavailable', reason: 'refresh_delayed' });
    expect(await readSession(jar)).not.toBeNull();
  });

  it.each([true, false])(
    'SE-03: a token that is renewed for a person (%s) prolongs the session, for a script it does not',
    async (isPresent) => {
      rotate();
      const session = buildSession({ activeAtSec: noonSec - 600 });
      await writeSession(jar, session);
      const answers = [refused, ok];
      await callFor({ jar, session, isPresent }, async () => answers.shift() ?? ok);
      expect((await readSession(jar))?.activeAtSec).toBe(isPresent ? noonSec : noonSec - 600);
    },
  );

  it.each<ApiAnswer<string>>([
    { kind: 'denied' },
    { kind: 'not_found' },
    { kind: 'unavailable', reason: 'status_503' },
    { kind: 'slow_down', retryAfterSec: 5 },
    { kind: 'permission_needed', permission: 'write:messages' },
    { kind: 'stronger_sign_in_needed', requirement: { maxAgeSec: 300, acrValues: [] } },
  ])('RC-04 to RC-07: any other answer is passed on, and nothing is repeated: $kind', async (answer) => {
    expect(await call([answer])).toEqual(answer);
    expect([asked.length, server.tokenRequests.length]).toEqual([1, 0]);
  });
});
