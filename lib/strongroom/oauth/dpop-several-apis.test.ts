/** CA-08: bound tokens for several APIs, and for one that wants them from now on. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as clock from '../base/clock';
import * as log from '../base/log';
import { useEnvironment } from '../testing/environment';
import { type Handler, json, startTestServer, type TestServer } from '../testing/http-server';
import { offerMetadata } from '../testing/server-metadata';
import { needsDpop, wouldBindTokens } from './dpop-support';
import type { ServerMetadata } from './metadata-document';

const path = '/.well-known/oauth-protected-resource';
let api: TestServer;

beforeAll(async () => {
  api = await startTestServer();
});
afterAll(() => api.close());
beforeEach(() => {
  api.reset();
  vi.restoreAllMocks();
  useEnvironment({ API_BASE_URL: api.origin });
});

const server = (algorithms: string[] | null = ['RS256', 'ES256']) =>
  ({ ...(algorithms === null ? {} : { dpop_signing_alg_values_supported: algorithms }) }) as ServerMetadata;
const challenging = (challenge: string) => json({}, 401, { 'www-authenticate': challenge });

describe('a new sign-in with several APIs', () => {
  let second: TestServer;
  beforeAll(async () => {
    second = await startTestServer();
  });
  afterAll(() => second.close());
  beforeEach(() => {
    second.reset();
    const calendar = { baseUrl: 'CALENDAR_BASE_URL' };
    const apis = { main: { baseUrl: 'API_BASE_URL' }, calendar };
    useEnvironment({ API_BASE_URL: api.origin, CALENDAR_BASE_URL: second.origin }, { apis });
  });
  const drop: Handler = (_request, response) => response.destroy();

  it('CA-08: asks for bound tokens where one requires them and another drops connections, and logs which', async () => {
    const failures = vi.spyOn(log, 'logFailure').mockImplementation(() => {});
    api.handlers['/'] = challenging('DPoP');
    second.handlers[path] = drop;
    expect([await needsDpop(server()), await needsDpop(server())]).toEqual([true, true]);
    expect(failures.mock.calls).toEqual([
      ['dpop_offer_unknown', expect.any(Error), { api: 'calendar', offer: 'unknown' }],
    ]);
  });

  it('CA-08: asks for bound tokens where one requires them and another says nothing', async () => {
    api.handlers['/'] = challenging('DPoP');
    expect(await needsDpop(server())).toBe(true);
  });

  it('CA-08: asks for bearer tokens where one takes these alone, also while it does not answer', async () => {
    const now = vi.spyOn(clock, 'monotonicMs').mockReturnValue(0);
    api.handlers['/'] = challenging('DPoP');
    second.handlers['/'] = challenging('Bearer');
    expect(await needsDpop(server())).toBe(false);
    second.handlers[path] = drop;
    now.mockReturnValue(11 * 60_000);
    expect(await needsDpop(server())).toBe(false);
    await vi.waitFor(() => expect(second.requests).toHaveLength(3));
    expect(await needsDpop(server())).toBe(false);
  });
});

describe('an API that rejects a bearer token for being one', () => {
  let issuer: TestServer;
  beforeAll(async () => {
    issuer = await startTestServer();
  });
  afterAll(() => issuer.close());
  const start = (members: Record<string, unknown> | null, env: Record<string, string> = {}) => {
    issuer.reset();
    if (members !== null) offerMetadata(issuer, {}, members);
    useEnvironment({ AUTH_ISSUER: issuer.origin, API_BASE_URL: api.origin, ...env });
  };
  const takesProofs = { dpop_signing_alg_values_supported: ['ES256'] };

  it('CA-08: is asked again what it takes, so that a new sign-in would get bound tokens', async () => {
    const now = vi.spyOn(clock, 'monotonicMs').mockReturnValue(0);
    start(takesProofs);
    api.handlers['/'] = challenging('Bearer');
    expect([await needsDpop(server()), await wouldBindTokens()]).toEqual([false, false]);
    api.handlers['/'] = challenging('DPoP');
    now.mockReturnValue(2_000);
    expect([await wouldBindTokens(), await needsDpop(server())]).toEqual([true, true]);
    expect(api.requests).toHaveLength(4);
  });

  it.each<[string, Record<string, unknown> | null, Record<string, string>, boolean]>([
    ['a server without DPoP', {}, {}, false],
    ['a server that cannot be reached', null, {}, false],
    ['AUTH_DPOP=never', takesProofs, { AUTH_DPOP: 'never' }, false],
    ['AUTH_DPOP=always', {}, { AUTH_DPOP: 'always' }, true],
  ])('CA-08: with %s a new sign-in is worth it only where it helps', async (_what, members, env, would) => {
    start(members, env);
    api.handlers['/'] = challenging('DPoP');
    expect(await wouldBindTokens()).toBe(would);
  });
});
