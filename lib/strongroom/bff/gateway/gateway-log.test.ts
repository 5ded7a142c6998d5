/** LK-03: one line of the log for what fails at the gateway. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../../base/log';
import { writeSession } from '../../session/session-cookie';
import type { TestJar } from '../../testing/cookie-jar';
import { askGateway, gatewaySession, signInAtGateway, startGatewayServers } from '../../testing/gateway';
import { json, type TestServer } from '../../testing/http-server';
import { readSession } from '../../testing/read-session';
import { noonSec } from '../../testing/sessions';
import type { TokenEndpoint } from '../../testing/token-endpoint';

vi.mock('../../session/next-cookies', () => import('../../testing/request-cookies'));

let api: TestServer;
let server: TokenEndpoint;
let jar: TestJar;
beforeAll(async () => {
  ({ api, server } = await startGatewayServers());
});
afterAll(() => Promise.all([api.close(), server.close()]));
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: noonSec * 1000 });
  jar = await signInAtGateway({ api, server });
});
afterEach(() => void vi.useRealTimers());

describe('the log', () => {
  const lines = async (act: () => Promise<Response>) => {
    const spies = [vi.spyOn(log, 'logFailure'), vi.spyOn(log, 'logWarning')];
    const { reference } = (await (await act()).json()) as { reference: string };
    const calls = spies.flatMap((spy) => spy.mock.calls.map(([event, ...more]) => [event, more.at(-1)]));
    vi.restoreAllMocks();
    return { calls, reference };
  };

  it('LK-03: has one line for a call that fails, with its cause and the reference', async () => {
    api.handlers['/contacts'] = (_request, response) => response.destroy();
    const { calls, reference } = await lines(() => askGateway());
    const fields = { reference, code: 'temporarily_unavailable', reason: 'network', status: 503 };
    const causes = expect.stringMatching(/^HttpError < /);
    const call = { method: 'GET', resource: 'contacts' };
    expect(calls).toEqual([['gateway_request_failed', { ...fields, ...call, causes }]]);
  });

  it.each([403, 404, 422, 429])('LK-03: has one line for a response with %i', async (status) => {
    api.handlers['/contacts'] = json({}, status);
    const { calls, reference } = await lines(() => askGateway());
    const fields = { reference, method: 'GET', resource: 'contacts' };
    expect(calls.filter(([event]) => event !== 'api_only_not_found')).toEqual([
      ['gateway_request_failed', expect.objectContaining(fields)],
    ]);
  });

  it('RC-02: has one error for a fresh token that is rejected, with what an operator compares', async () => {
    await writeSession(jar, { ...gatewaySession, tokenReplacedAtSec: noonSec });
    const challenge = 'Bearer error="invalid_token", error_description="wrong audience"';
    api.handlers['/contacts'] = json({}, 401, {
      'www-authenticate': challenge,
      date: new Date(0).toUTCString(),
    });
    const { calls, reference } = await lines(() => askGateway());
    expect(calls).toEqual([
      [
        'token_rejected',
        expect.objectContaining({
          ...{ reference, status: 503, reason: 'invalid_token', issuer: server.origin, audience: 'none' },
          ...{ apiError: 'invalid_token', apiErrorDescription: 'wrong audience', resource: 'contacts' },
          ...{ ourTime: new Date(noonSec * 1000).toISOString(), apiTime: '1970-01-01T00:00:00.000Z' },
        }),
      ],
    ]);
    expect(await readSession(jar)).not.toBeNull();
  });
});
