import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { getApi } from '../config/config';
import { useEnvironment } from '../testing/environment';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { buildSession, buildTokens } from '../testing/sessions';
import { declareThreeApis } from '../testing/three-apis';
import { callWithSession } from './call-with-session';

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
const call = (...more: string[]) =>
  callWithSession(session, { method: 'POST', path: ['a', ...more] }, z.object({}));

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
    expect(await call()).toEqual({ kind: 'ok', value: {} });
    expect(logged).toEqual([]);
  });

  it('LK-03: that fails on the network is logged once, with its cause', async () => {
    api.handlers['/v1/a'] = (_request, response) => response.destroy();
    expect(await call()).toEqual({ kind: 'unavailable', reason: 'network' });
    const causes = expect.stringMatching(/^HttpError < \w+\(\w+\)$/);
    const fields = { method: 'POST', resource: 'a', reason: 'network', causes };
    expect(logged).toEqual([['warn', 'api_response', fields]]);
  });

  it('LK-03: that fails because of a bug of ours is logged once, as an error with its cause', async () => {
    useEnvironment({ API_BASE_URL: `${api.origin}/v1/` });
    // Reading the configuration is not what fails.
    getApi();
    vi.spyOn(JSON, 'stringify').mockImplementationOnce(() => {
      throw new RangeError('too deep');
    });
    const request = { method: 'POST', path: ['a'], json: {} } as const;
    expect(await callWithSession(session, request, z.object({}))).toEqual({
      kind: 'unavailable',
      reason: 'internal_error',
    });
    const fields = { method: 'POST', resource: 'a', reason: 'internal_error', causes: 'RangeError' };
    expect(logged).toEqual([['error', 'api_response', fields]]);
  });

  it.each(['', '.', '..', '../b', '..\\b', '//', 'a%2fb', '\r\nX-Evil: 1', '\ud800'])(
    'PX-02: for an id that is no plain name, such as %j, finds nothing, and the API is not asked',
    async (id) => {
      expect(await call(id)).toEqual({ kind: 'not_found' });
      expect([api.requests, logged]).toEqual([[], []]);
    },
  );

  it.each([
    ['calendar', 'read:contacts read:events', { kind: 'insufficient_scope', scope: 'read:events' }],
    ['calendar', 'read:contacts', { kind: 'access_denied' }],
    ['main', 'read:events', { kind: 'access_denied' }],
    ['main', 'read:contacts', { kind: 'insufficient_scope', scope: 'read:contacts' }],
  ])(
    'RC-04: to %s that wants %j has the user asked for its own permissions alone',
    async (name, scope, result) => {
      const baseUrl = `${api.origin}/v1`;
      declareThreeApis({ API_BASE_URL: baseUrl, CALENDAR_BASE_URL: baseUrl });
      const challenge = `Bearer error="insufficient_scope", scope="${scope}"`;
      api.handlers['/v1/a'] = json({}, 403, { 'www-authenticate': challenge });
      const tokens = { ...session.tokens, scopes: ['openid'] };
      const asked = { ...session, tokens, api: getApi(name) };
      expect(await callWithSession(asked, { method: 'GET', path: ['a'] }, z.object({}))).toEqual(result);
    },
  );

  it('PX-02: an id is one segment, encoded', async () => {
    api.handlers['/v1/a/Zo%C3%AB%20%26%20co'] = json({});
    expect(await call('Zoë & co')).toEqual({ kind: 'ok', value: {} });
  });

  it('RC-05: that is not allowed is logged without a cause', async () => {
    api.handlers['/v1/a'] = json({}, 403);
    expect(await call()).toEqual({ kind: 'access_denied' });
    expect(logged).toEqual([
      ['warn', 'api_response', { method: 'POST', resource: 'a', reason: 'access_denied' }],
    ]);
  });
});
