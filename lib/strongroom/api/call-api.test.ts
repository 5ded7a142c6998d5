import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { useEnvironment } from '../testing/environment';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { buildSession, buildTokens } from '../testing/sessions';
import { callApi } from './call-api';

const logged = vi.hoisted(() => [] as unknown[]);
vi.mock('../base/log', async (importOriginal) => {
  const log = await importOriginal<typeof import('../base/log')>();
  return {
    ...log,
    logWarning: (...line: unknown[]) => logged.push(['warn', ...line]),
    logFailure: (event: string, error: unknown, fields: object) =>
      logged.push(['error', event, { ...fields, causes: log.describeCauses(error) }]),
  };
});

let api: TestServer;
const session = buildSession({ tokens: buildTokens({ expiresAtSec: 4_000_000_000 }) });
const call = (path: string) => callApi(session, { method: 'POST', path }, z.object({}));

beforeAll(async () => {
  api = await startTestServer();
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
  useEnvironment({ API_BASE_URL: `${api.origin}/v1` });
  logged.length = 0;
});

describe('a call to the API', () => {
  it('is not logged when it goes well', async () => {
    api.handlers['/v1/a'] = json({});
    expect(await call('/a')).toEqual({ kind: 'ok', value: {} });
    expect(logged).toEqual([]);
  });

  it('LK-03: that fails on the network is logged once, with its cause', async () => {
    api.handlers['/v1/a'] = (_request, response) => response.destroy();
    expect(await call('/a')).toEqual({ kind: 'unavailable', reason: 'network' });
    const causes = expect.stringMatching(/^HttpError < \w+\(\w+\)$/);
    const fields = { method: 'POST', resource: 'a', reason: 'network', causes };
    expect(logged).toEqual([['warn', 'api_response', fields]]);
  });

  it('LK-03: that fails because of a bug of ours is logged once, as an error with its cause', async () => {
    expect(await call('/../outside')).toEqual({ kind: 'unavailable', reason: 'internal_error' });
    const fields = { method: 'POST', resource: '..', reason: 'internal_error', causes: 'Error' };
    expect(logged).toEqual([['error', 'api_response', fields]]);
  });

  it('RC-05: that is not allowed is logged without a cause', async () => {
    api.handlers['/v1/a'] = json({}, 403);
    expect(await call('/a')).toEqual({ kind: 'access_denied' });
    expect(logged).toEqual([
      ['warn', 'api_response', { method: 'POST', resource: 'a', reason: 'access_denied' }],
    ]);
  });
});
