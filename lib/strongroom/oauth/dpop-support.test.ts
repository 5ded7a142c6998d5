import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as clock from '../base/clock';
import { getConfig } from '../config/config';
import { useEnvironment } from '../testing/environment';
import { type Handler, json, startTestServer, type TestServer } from '../testing/http-server';
import { fetchDpopOffer, needsDpop } from './dpop-support';
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
const offering = () => json({ resource: api.origin, dpop_signing_alg_values_supported: ['ES256'] });
const challenging = (challenge: string) => json({}, 401, { 'www-authenticate': challenge });

const at = (baseUrl: string) => ({ baseUrl, audience: getConfig().audience });

describe('what the API says about DPoP', () => {
  it.each([
    [{ dpop_signing_alg_values_supported: ['PS256', 'ES256'] }, 'offered'],
    [{ dpop_signing_alg_values_supported: ['ES256'], dpop_bound_access_tokens_required: true }, 'required'],
    [{ dpop_bound_access_tokens_required: true }, 'required'],
    [{ dpop_signing_alg_values_supported: ['PS256'] }, 'not_offered'],
    [{ dpop_signing_alg_values_supported: 'ES256' }, 'not_offered'],
    [{}, 'not_offered'],
  ])('with the metadata %j it is %s', async (members, offer) => {
    api.handlers[path] = json({ resource: `${api.origin}/`, ...members });
    expect(await fetchDpopOffer(at(api.origin))).toBe(offer);
  });

  it('metadata stand before the path of the API, and may name its identifier', async () => {
    useEnvironment({ API_BASE_URL: `${api.origin}/v1/`, AUTH_AUDIENCE: 'https://api.example' });
    const dpop_signing_alg_values_supported = ['ES256'];
    api.handlers[`${path}/v1`] = json({ resource: 'https://api.example', dpop_signing_alg_values_supported });
    expect(await fetchDpopOffer(at(`${api.origin}/v1`))).toBe('offered');
  });

  it('metadata about another API are not used, and its challenge is', async () => {
    api.handlers[path] = json({ resource: 'https://other.example', dpop_bound_access_tokens_required: true });
    expect(await fetchDpopOffer(at(api.origin))).toBe('unknown');
    api.handlers['/'] = challenging('Bearer');
    expect(await fetchDpopOffer(at(api.origin))).toBe('not_offered');
  });

  it.each([
    ['DPoP algs="ES256 PS256"', 'required'],
    ['dpop', 'required'],
    ['Bearer realm="a", DPoP realm="a", algs="ES256"', 'offered'],
    ['DPoP, Bearer', 'offered'],
    ['DPoP algs="PS256"', 'not_offered'],
    ['Bearer realm="DPoP"', 'not_offered'],
    ['Bearer', 'not_offered'],
    ['Basic', 'not_offered'],
  ])('without metadata, to a request without a token: %s → %s', async (challenge, offer) => {
    api.handlers['/'] = challenging(challenge);
    expect(await fetchDpopOffer(at(api.origin))).toBe(offer);
    expect(api.requests).toEqual([`GET ${path}`, 'GET /']);
  });
});

describe('a new sign-in', () => {
  it('asks for bound tokens where both servers take them, and asks the API once', async () => {
    api.handlers[path] = offering();
    expect(await Promise.all([needsDpop(server()), needsDpop(server())])).toEqual([true, true]);
    expect(await needsDpop(server())).toBe(true);
    expect(api.requests).toHaveLength(1);
  });

  it.each([[null], [[]], [['RS256']]])(
    'asks for bearer tokens, and asks no API, at a server that takes proofs with %j',
    async (algorithms) => {
      api.handlers[path] = offering();
      expect(await needsDpop(server(algorithms))).toBe(false);
      expect(api.requests).toEqual([]);
    },
  );

  it('asks for bearer tokens where the API does not say that it takes others', async () => {
    expect(await needsDpop(server())).toBe(false);
  });

  it.each([
    ['always', true],
    ['never', false],
  ])('with AUTH_DPOP=%s does not depend on what the servers say', async (AUTH_DPOP, needs) => {
    useEnvironment({ API_BASE_URL: api.origin, AUTH_DPOP });
    api.handlers[path] = offering();
    expect(await Promise.all([needsDpop(server()), needsDpop(server(null))])).toEqual([needs, needs]);
    expect(api.requests).toEqual([]);
  });

  it('goes on with what the API said last while it does not answer, and asks it again later', async () => {
    const now = vi.spyOn(clock, 'monotonicMs').mockReturnValue(0);
    api.handlers[path] = offering();
    await needsDpop(server());
    api.handlers[path] = (_request, response) => response.destroy();
    now.mockReturnValue(11 * 60_000);
    expect(await needsDpop(server())).toBe(true);
    await vi.waitFor(() => expect(api.requests).toHaveLength(2));
    expect(await needsDpop(server())).toBe(true);
  });

  it('asks for bearer tokens while the API has never answered, without asking it each time', async () => {
    const now = vi.spyOn(clock, 'monotonicMs').mockReturnValue(0);
    api.handlers[path] = (_request, response) => response.destroy();
    expect([await needsDpop(server()), await needsDpop(server())]).toEqual([false, false]);
    expect(api.requests).toHaveLength(1);
    now.mockReturnValue(1_900);
    expect(await needsDpop(server())).toBe(false);
    expect(api.requests).toHaveLength(1);
  });

  it.each<[string, Handler]>([
    ['is down', (_request, response) => response.destroy()],
    ['is behind a gateway that answers in its place', json({}, 503)],
  ])('CA-08: asks for bound tokens as soon as an API that %s at first answers', async (_what, down) => {
    const now = vi.spyOn(clock, 'monotonicMs').mockReturnValue(0);
    api.handlers[path] = down;
    api.handlers['/'] = down;
    expect(await needsDpop(server())).toBe(false);
    now.mockReturnValue(2_000);
    expect(await needsDpop(server())).toBe(false);
    api.handlers[path] = offering();
    now.mockReturnValue(5_900);
    expect(await needsDpop(server())).toBe(false);
    now.mockReturnValue(6_000);
    expect(await Promise.all([needsDpop(server()), needsDpop(server())])).toEqual([true, true]);
  });

  it('CA-08: waits for the first answer of each API, and an answer of one is none of the other', async () => {
    const now = vi.spyOn(clock, 'monotonicMs').mockReturnValue(0);
    const second = await startTestServer();
    const calendar = { baseUrl: 'CALENDAR_BASE_URL' };
    const apis = { main: { baseUrl: 'API_BASE_URL' }, calendar };
    useEnvironment({ API_BASE_URL: api.origin, CALENDAR_BASE_URL: second.origin }, { apis });
    api.handlers[path] = offering();
    second.handlers[path] = (_request, response) => response.destroy();
    expect(await needsDpop(server())).toBe(false);
    second.handlers[path] = json({ resource: second.origin, dpop_signing_alg_values_supported: ['ES256'] });
    now.mockReturnValue(2_000);
    expect(await needsDpop(server())).toBe(true);
    await second.close();
  });
});
