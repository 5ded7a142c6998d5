/** Whether a request is pushed, and what happens when an endpoint fails that is only offered. AZ-13 */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { type Handler, json, startTestServer, type TestServer } from '../testing/http-server';
import { offerMetadata } from '../testing/server-metadata';
import { getMetadata } from './metadata';
import { pushWhereOffered } from './pushed-authorization';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  offerMetadata(server, { pushed_authorization_request_endpoint: '/par' });
  vi.restoreAllMocks();
});

const request = () => new URL(`${server.origin}/authorize?response_type=code&state=1`);
const right = json({ request_uri: 'urn:example:1', expires_in: 60 }, 201);
const reset: Handler = (incoming) => incoming.socket.destroy();

/** A new process with this setting. */
const useSetting = (AUTH_PAR: string) => useEnvironment({ AUTH_ISSUER: server.origin, AUTH_PAR });

/** @returns what the browser carries */
async function start(respond: Handler): Promise<string> {
  server.handlers['/par'] = respond;
  const { searchParams } = await pushWhereOffered(request(), await getMetadata());
  return [...searchParams.keys()].join(' ');
}

const pushed = 'client_id request_uri';
const plain = 'response_type state';

it('AZ-13: an endpoint that the metadata offer is used, unless only requirements count', async () => {
  useSetting('');
  expect(await start(right)).toBe(pushed);
  expect(await start(json({ request_uri: 'urn:example:1' }))).toBe(pushed);
  useSetting('when-required');
  expect(await start(right)).toBe(plain);
  useSetting('');
  offerMetadata(server);
  expect(await start(right)).toBe(plain);
});

const broken: [string, Handler][] = [
  ['closes the connection', reset],
  ...[403, 404, 405, 429, 500, 503].map((status): [string, Handler] => [
    `responds with ${status}`,
    json({}, status),
  ]),
  ['responds with a page', (_request, response) => response.writeHead(200).end('<h1>')],
  ['names no reference', json({}, 201)],
  ['redirects', json({}, 302, { location: 'https://elsewhere.example/' })],
  ['is not for this client', json({ error: 'unauthorized_client' }, 403)],
  ['does not know this client', json({ error: 'invalid_client' }, 401)],
];

it.each(broken)(
  'AZ-13: an offered endpoint that %s stops no sign-in, is logged once and left alone',
  async (_, respond) => {
    useSetting('when-offered');
    const warnings = vi.spyOn(log, 'logWarning');
    expect(await start(respond)).toBe(plain);
    expect(await start(respond)).toBe(plain);
    expect(server.countOf('/par')).toBe(1);
    const said = { reason: expect.any(String), variable: 'AUTH_PAR' };
    expect(warnings.mock.calls).toEqual([['push_skipped', said]]);
  },
);

it.each(broken)('AZ-13: a required endpoint that %s ends the sign-in', async (_, respond) => {
  useSetting('always');
  const { code } = await appErrorOf(() => start(respond));
  expect(code).toMatch(/^(configuration_invalid|temporarily_unavailable|invalid_client|invalid_response)$/);
  useSetting('when-offered');
  const flagged = { ...(await getMetadata()), require_pushed_authorization_requests: true };
  await appErrorOf(() => pushWhereOffered(request(), flagged));
  expect(server.countOf('/par')).toBe(2);
});

it('AZ-13: an offered endpoint that failed is tried again after a minute, and used when it works', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  useSetting('when-offered');
  expect(await start(reset)).toBe(plain);
  vi.advanceTimersByTime(61_000);
  expect(await start(right)).toBe(pushed);
  vi.useRealTimers();
});

it.each([
  ['pushed_request_rejected', 400, { error: 'invalid_request' }, {}],
  ['invalid_scope', 400, { error: 'invalid_scope' }, {}],
  ['invalid_target', 400, { error: 'invalid_target' }, {}],
])(
  'AZ-10, AZ-13: the rejection %s of an offered endpoint (%i %j) ends the sign-in with its words',
  async (expected, status, body, headers) => {
    useSetting('when-offered');
    const respond = json(body, status, headers);
    const { reason, errorResponse } = await appErrorOf(() => start(respond));
    expect(reason).toBe(expected);
    expect(errorResponse).toMatchObject({ error: body.error });
  },
);

it.each([
  ['a script as its reference', json({ request_uri: 'javascript:alert(1)' }, 201)],
  ['a redirect', json({}, 307, { location: 'https://evil.example/par' })],
])(
  'AZ-13: an endpoint that responds with %s is not trusted, and one that is only offered stops no sign-in',
  async (_, respond) => {
    useSetting('when-offered');
    expect(await start(respond)).toBe(plain);
    useSetting('always');
    const { code } = await appErrorOf(() => start(respond));
    expect(code).toBe('invalid_response');
  },
);
