/** The gateway for our own pages: who may ask, for what, and what goes on to the API. Against the production build. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  expectHarmless,
  expectProblem,
  type GatewayWorld,
  startGatewayWorld,
} from '../support/gateway-world.ts';
import { spoofedNames } from '../support/hostile-headers.ts';
import { HttpBrowser } from '../support/http-browser.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterEach(() => world.forget());
afterAll(() => world.close());

describe('the routes of the gateway', () => {
  it.each([
    ['/api/gateway/contacts?q=a%26b&per_page=8', 'GET /contacts?q=a%26b&per_page=8'],
    ['/api/gateway/contacts/c%201', 'GET /contacts/c%201'],
    ['/api/gateway/messages', 'GET /messages'],
  ])('PX-01: %s asks the API for %s', async (path, line) => {
    const response = await world.ask(path);
    expect([response.status, await response.json()]).toEqual([200, { items: [] }]);
    expectHarmless(response);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(world.api.requests.map((request) => request.line)).toEqual([line]);
    expect(world.api.tokens[0]).toMatch(/^DPoP ey/);
  });

  it.each([
    ['http:%2f%2fsink', 400],
    ['%40sink', 404],
    ['@sink', 404],
    ['.sink', 404],
    ['contacts;@sink', 400],
    ['user:password@sink/contacts', 404],
    ['[::1]/contacts', 404],
    ['2130706433/contacts', 404],
    ['169.254.169.254/latest/meta-data', 404],
    ['[::ffff:127.0.0.1]/x', 404],
    ['127.0.0.1.nip.io/x', 404],
    ['admin', 404],
    ['constructor', 404],
    ['contacts/a/b', 404],
    ['contacts?url=http://127.0.0.1:9/', 400],
    ['contacts?q=a&q=b', 400],
    ['contacts?host=sink', 400],
    ['contacts/..%2f..%2fadmin', 400],
    ['contacts/..%5cadmin', 400],
    ['contacts/..;/admin', 400],
    ['contacts/%252e%252e', 400],
    ['contacts/a%252fb', 400],
    ['contacts/a%00', 400],
    ['contacts/a%0d%0aX-Evil:%201', 400],
    ['contacts/a%3fb', 400],
    ['contacts/%zz', 400],
    ['contacts/%ff', 400],
    ['contacts//c_1', 400],
    ['/contacts', 400],
    ['//127.0.0.1/x', 400],
  ])('PX-01, PX-02: /api/gateway/%s is %i, and the API is not asked', async (path, status) => {
    const response = await world.ask(`/api/gateway/${path}`);
    await expectProblem(world, response, [status, status === 404 ? 'not_found' : 'invalid_request']);
    expect(world.api.requests).toEqual([]);
  });

  it('PX-02: a slash at the end leads to the plain form, on our own host', async () => {
    const response = await world.ask('/api/gateway/contacts/');
    const target = new URL(response.headers.get('location') ?? '', world.stack.appOrigin);
    expect([response.status, target.href]).toEqual([308, `${world.stack.appOrigin}/api/gateway/contacts`]);
    expect(world.api.requests).toEqual([]);
  });

  it.each([
    ['HEAD', '/api/gateway/contacts', 'GET'],
    ['OPTIONS', '/api/gateway/contacts', 'GET'],
    ['POST', '/api/gateway/contacts', 'GET'],
    ['PUT', '/api/gateway/contacts/c_1', 'GET'],
    ['DELETE', '/api/gateway/contacts/c_1/picture', 'GET, PUT'],
    ['POST', '/api/gateway/messages/stream', 'GET'],
    ['PATCH', '/api/gateway/contacts/c_1', 'GET'],
    ['DELETE', '/api/gateway/messages', 'GET, POST'],
  ])('PX-03: %s %s is not forwarded; %s is allowed', async (method, path, allow) => {
    const response = await world.ask(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    if (method === 'HEAD') expectHarmless(response);
    else await expectProblem(world, response, [405, 'method_not_allowed']);
    expect(world.api.requests).toEqual([]);
  });
});

describe('callers of the gateway', () => {
  it.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['our origin with more behind it', { origin: 'http://localhost.evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a client that does not say where it comes from', { 'sec-fetch-site': '' }],
    ['a form, which has no header of ours', { 'x-strongroom': '' }],
    ['a prefetch', { 'sec-purpose': 'prefetch' }],
  ])('CS-02, CS-04: %s is rejected, and gets no CORS header', async (_who, headers) => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const response = await world.ask('/api/gateway/messages', { method, headers });
      await expectProblem(world, response, [403, 'cross_site_request']);
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect(world.api.requests).toEqual([]);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'text/plain; application/json',
    'application/json; charset=utf-16',
  ])('CS-02: a body of type %s is rejected', async (type) => {
    await expectProblem(world, await world.post({ headers: { 'content-type': type } }), [
      415,
      'unsupported_media_type',
    ]);
    expect(world.api.requests).toEqual([]);
  });

  it('PX-10, HD-09: without a session the response is a problem in JSON, with its charset, and no redirect', async () => {
    const nobody = new HttpBrowser();
    await expectProblem(world, await world.ask('/api/gateway/contacts', {}, nobody), [401, 'login_required']);
    nobody.cookies(world.stack.appOrigin).set('strongroom', { value: 'Fe26.2*1*forged', path: '/' });
    await expectProblem(world, await world.ask('/api/gateway/contacts', {}, nobody), [401, 'login_required']);
    expect(world.api.requests).toEqual([]);
  });
});

describe('the request to the API', () => {
  it(`PX-04: of ${spoofedNames.length} headers none passes, in any spelling`, async () => {
    expect(spoofedNames.length).toBeGreaterThanOrEqual(60);
    const keep = ['Cookie', 'Origin', 'X-Strongroom', 'Content-Encoding'];
    const spoofed = spoofedNames.filter((name) => !keep.includes(name)).map((name) => [name, 'x-canary']);
    const response = await world.post({
      headers: {
        ...Object.fromEntries(spoofed),
        authorization: 'Bearer x-canary',
        origin: world.stack.appOrigin,
      },
    });
    expect(response.status).toBe(200);
    const raw = world.api.requests[0]?.rawHeaders ?? [];
    expect(
      raw
        .filter((_, index) => index % 2 === 0)
        .map((name) => name.toLowerCase())
        .sort(),
    ).toEqual([
      'accept',
      'accept-encoding',
      // That of this test's own client, which has the right shape.
      'accept-language',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'dpop',
      'host',
      // Of the library that sends the token.
      'user-agent',
      // Ours, in place of what was sent.
      'x-request-id',
    ]);
    expect(raw.join('\n')).not.toMatch(/x-canary|strongroom(?:\.\d)?=/);
    expect(raw[raw.findIndex((name) => /^host$/i.test(name)) + 1]).toBe(
      `127.0.0.1:${world.stack.settings.apiPort}`,
    );
  });

  it('PX-04: the body passes as it is, with its language and the key that makes it count once', async () => {
    const headers = { 'accept-language': 'de', 'idempotency-key': 'k'.repeat(43) };
    expect((await world.post({ body: '{"text":"é"}', headers })).status).toBe(200);
    expect(world.api.posts).toEqual([{ body: '{"text":"é"}', key: 'k'.repeat(43) }]);
    expect(world.api.requests[0]?.rawHeaders).toContain('de');
  });
});
