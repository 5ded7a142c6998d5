import { beforeEach, describe, expect, it, vi } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { buildSession, buildTokens } from '../testing/sessions';
import { logCall, TokenRejectedError } from './log-call';

const lines = vi.hoisted(() => [] as Record<string, unknown>[]);
vi.mock('../base/log', async (importOriginal) => ({
  ...(await importOriginal<typeof import('../base/log')>()),
  logFailure: (event: string, _error: unknown, fields: object) =>
    lines.push({ level: 'error', event, ...fields }),
  logWarning: (event: string, fields: object) => lines.push({ level: 'warn', event, ...fields }),
}));
beforeEach(() => {
  useEnvironment();
  lines.length = 0;
});

const claims = Buffer.from(JSON.stringify({ aud: ['https://other.example', 'b'] })).toString('base64url');
const accessToken = `eyJhbGciOiJub25lIn0.${claims}.c2ln`;
const reject = (subject: string, description?: string) => {
  const session = buildSession({ tokens: buildTokens({ accessToken }) });
  const user = { ...session.user, subject };
  return new TokenRejectedError(
    { ...session, user },
    { apiTimeSec: null, error: 'invalid_token', description },
  );
};
const log = (cause: unknown, resource = 'things') =>
  logCall('api_response', { method: 'GET', resource, reason: 'invalid_token' }, cause);

describe('a token that the API rejects though it is fresh', () => {
  it('RC-02: is one error a minute for each user and resource; the others are warnings', () => {
    for (const cause of [reject('a'), reject('a'), reject('b')]) log(cause);
    log(reject('a'), 'others');
    expect(lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
      'error token_rejected',
      'warn api_response',
      'error token_rejected',
      'error token_rejected',
    ]);
  });

  it('CA-08: an API that takes no bearer tokens is an error, with the variable to change', () => {
    logCall('api_response', { method: 'GET', resource: 'things', reason: 'dpop_required' });
    expect(lines).toEqual([
      expect.objectContaining({ level: 'error', reason: 'dpop_required', variable: 'AUTH_DPOP' }),
    ]);
  });

  it('LK-01: names the audience of the token, and no word of the API can put a token into the log', () => {
    log(reject('a', `not good:\n${accessToken} of ada@strongroom.test`));
    expect(lines[0]).toMatchObject({
      ...{ issuer: 'https://issuer.example', audience: 'none', tokenAudience: 'https://other.example b' },
      ...{
        apiError: 'invalid_token',
        apiErrorDescription: 'not good: [removed] of [removed]',
        apiTime: 'unknown',
      },
    });
  });
});
