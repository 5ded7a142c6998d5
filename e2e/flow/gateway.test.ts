/** The gateway for our own pages: who may ask, for what, what goes on to the API and what comes back. Against the production build. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import { hostileHeaders, spoofedNames } from '../support/hostile-headers.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { askAsScript, ownHeaders } from '../support/page-script.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from '../support/scripted-api.ts';
import { editSession, sessionCookieShape } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
let api: ScriptedApi;
/** How the API responds from now on. */
let respond: (path: string, count: number, method: string) => ScriptedResponse;
const browser = new HttpBrowser();
const good = (): ScriptedResponse => ({ status: 200, body: '{"items":[]}' });

beforeAll(async () => {
  stack = await borrowStack();
  await signInByHttp(stack, browser, { returnTo: '/dashboard/access' });
  await stack.stop('API');
  respond = good;
  api = await startScriptedApi(stack.settings.apiPort, (...request) => respond(...request));
});
afterEach(() => {
  respond = good;
  for (const list of [api.tokens, api.requests, api.posts]) list.length = 0;
});
afterAll(() => Promise.all([api.close(), stack.close()]));

type Init = Parameters<typeof askAsScript>[2];
const ask = (path: string, init?: Init, who = browser) =>
  askAsScript({ browser: who, origin: stack.appOrigin }, path, init);
const post = (init: Init = {}) =>
  ask('/api/gateway/messages', {
    method: 'POST',
    body: '{"text":"a"}',
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  });
/** A browser of its own: a session is recovered once a minute. */
const signIn = async () => {
  const other = new HttpBrowser();
  await signInByHttp(stack, other, { returnTo: '/dashboard/access' });
  return other;
};

const keepCookies = (who: HttpBrowser, { headers }: Response) => {
  for (const line of headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    who.cookies(stack.appOrigin).set(name, { value, path: '/' });
  }
};

/** What every problem that the gateway reports must be. */
async function expectProblem(
  response: Response,
  status: number,
  code: string,
): Promise<Record<string, unknown>> {
  const text = await response.text();
  expect([response.status, text.slice(0, 200)]).toEqual([
    status,
    expect.stringContaining(`"code":"${code}"`),
  ]);
  expectHarmless(response);
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const problem = JSON.parse(text) as Record<string, unknown>;
  expect(problem).toMatchObject({
    type: 'about:blank',
    status,
    reference: expect.stringMatching(/^....-....$/),
  });
  // The log may arrive a little later than the response.
  const logged = () => stack.appEvents().find(({ reference }) => reference === problem.reference);
  await expect.poll(() => logged()?.status).toBe(status);
  return problem;
}

function expectHarmless({ headers }: Response): void {
  expect(headers.get('cache-control')).toBe('private, no-store');
  expect(headers.get('vary')).toMatch(/\bCookie\b/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain('sandbox');
  for (const name of ['access-control-allow-origin', 'location', 'www-authenticate', 'refresh'])
    expect([name, headers.get(name)]).toEqual([name, null]);
}

describe('the routes of the gateway', () => {
  it.each([
    ['/api/gateway/contacts?q=a%26b&per_page=8', 'GET /contacts?q=a%26b&per_page=8'],
    ['/api/gateway/contacts/c%201', 'GET /contacts/c%201'],
    ['/api/gateway/messages', 'GET /messages'],
  ])('PX-01: %s asks the API for %s', async (path, line) => {
    const response = await ask(path);
    expect([response.status, await response.json()]).toEqual([200, { items: [] }]);
    expectHarmless(response);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(api.requests.map((request) => request.line)).toEqual([line]);
    expect(api.tokens[0]).toMatch(/^DPoP ey/);
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
    const response = await ask(`/api/gateway/${path}`);
    await expectProblem(response, status, status === 404 ? 'not_found' : 'invalid_request');
    expect(api.requests).toEqual([]);
  });

  it('PX-02: a slash at the end leads to the plain form, on our own host', async () => {
    const response = await ask('/api/gateway/contacts/');
    const target = new URL(response.headers.get('location') ?? '', stack.appOrigin);
    expect([response.status, target.href]).toEqual([308, `${stack.appOrigin}/api/gateway/contacts`]);
    expect(api.requests).toEqual([]);
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
    const response = await ask(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    if (method === 'HEAD') expectHarmless(response);
    else await expectProblem(response, 405, 'method_not_allowed');
    expect(api.requests).toEqual([]);
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
      const response = await ask('/api/gateway/messages', { method, headers });
      await expectProblem(response, 403, 'cross_site_request');
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect(api.requests).toEqual([]);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'text/plain; application/json',
    'application/json; charset=utf-16',
  ])('CS-02: a body of type %s is rejected', async (type) => {
    await expectProblem(await post({ headers: { 'content-type': type } }), 415, 'unsupported_media_type');
    expect(api.requests).toEqual([]);
  });

  it('PX-10, HD-09: without a session the response is a problem in JSON, with its charset, and no redirect', async () => {
    const nobody = new HttpBrowser();
    await expectProblem(await ask('/api/gateway/contacts', {}, nobody), 401, 'login_required');
    nobody.cookies(stack.appOrigin).set('strongroom', { value: 'Fe26.2*1*forged', path: '/' });
    await expectProblem(await ask('/api/gateway/contacts', {}, nobody), 401, 'login_required');
    expect(api.requests).toEqual([]);
  });
});

describe('the request to the API', () => {
  it(`PX-04: of ${spoofedNames.length} headers none passes, in any spelling`, async () => {
    expect(spoofedNames.length).toBeGreaterThanOrEqual(60);
    const keep = ['Cookie', 'Origin', 'X-Strongroom', 'Content-Encoding'];
    const spoofed = spoofedNames.filter((name) => !keep.includes(name)).map((name) => [name, 'x-canary']);
    const response = await post({
      headers: { ...Object.fromEntries(spoofed), authorization: 'Bearer x-canary', origin: stack.appOrigin },
    });
    expect(response.status).toBe(200);
    const raw = api.requests[0]?.rawHeaders ?? [];
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
      `127.0.0.1:${stack.settings.apiPort}`,
    );
  });

  it('PX-04: the body passes as it is, with its language and the key that makes it count once', async () => {
    const headers = { 'accept-language': 'de', 'idempotency-key': 'k'.repeat(43) };
    expect((await post({ body: '{"text":"é"}', headers })).status).toBe(200);
    expect(api.posts).toEqual([{ body: '{"text":"é"}', key: 'k'.repeat(43) }]);
    expect(api.requests[0]?.rawHeaders).toContain('de');
  });
});

describe('the response of the API', () => {
  it.each([200, 422, 503])('PX-06, CS-04: no header of a response with status %i passes', async (status) => {
    respond = () => ({ status, headers: hostileHeaders, body: '{"a":1}' });
    const response = await ask('/api/gateway/contacts');
    await response.text();
    expectHarmless(response);
    const all = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    expect(all).not.toMatch(
      /evil|x-canary|stolen|public|31536000|unsafe-|cross-origin$|ALLOWALL|max-age=0|alt-svc/m,
    );
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get('x-frame-options')).toBe('DENY');
  });

  it.each([
    'text/html',
    'image/svg+xml',
    'application/xml',
    'application/xhtml+xml',
    'text/javascript',
    'text/plain',
    'application/json, text/html',
    'application/json; charset=utf-7',
    'multipart/x-mixed-replace; boundary=a',
  ])('PX-06: a response of type %s does not pass', async (type) => {
    respond = () => ({ status: 200, headers: { 'content-type': type }, body: '<script>x-canary</script>' });
    const response = await ask('/api/gateway/contacts');
    expect(JSON.stringify(await expectProblem(response, 502, 'invalid_response'))).not.toContain('canary');
  });

  it.each([301, 302, 303, 307, 308])('PX-07: a redirect with %i is not followed', async (status) => {
    let visits = 0;
    const sink = await startScriptedApi(0, () => {
      visits += 1;
      return { status: 200 };
    });
    respond = () => ({ status, headers: { location: `http://127.0.0.1:${sink.port}/` } });
    await expectProblem(await ask('/api/gateway/contacts'), 502, 'invalid_response');
    expect([visits, api.requests.length]).toEqual([0, 1]);
    await sink.close();
  });

  it.each<[string, ScriptedResponse, number, string]>([
    ['403', { status: 403 }, 403, 'access_denied'],
    [
      '404 with a page',
      { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>' },
      404,
      'not_found',
    ],
    ['409', { status: 409 }, 409, 'conflict'],
    ['500', { status: 500, body: '{"stack":"x-canary"}' }, 503, 'temporarily_unavailable'],
    [
      'a connection that is closed',
      { write: (response) => response.destroy() },
      503,
      'temporarily_unavailable',
    ],
  ])('PX-10: %s', async (_name, scripted, status, code) => {
    respond = () => scripted;
    const problem = await expectProblem(await ask('/api/gateway/contacts'), status, code);
    expect(JSON.stringify(problem)).not.toContain('canary');
  });

  it('PX-10: a permission that is missing is named, if it may be asked for', async () => {
    const other = new HttpBrowser();
    await signInByHttp(stack, other, {
      returnTo: '/dashboard/access',
      email: 'grace@strongroom.test',
      permissions: ['read:contacts'],
    });
    await editSession(stack, other, (session) => ({
      ...session,
      tokens: { ...(session.tokens as object), scopes: ['openid', 'read:contacts'] },
    }));
    const challenge = 'Bearer error="insufficient_scope", scope="admin write:messages"';
    respond = () => ({ status: 403, headers: { 'www-authenticate': challenge } });
    const problem = await expectProblem(
      await ask('/api/gateway/messages', {}, other),
      403,
      'insufficient_scope',
    );
    expect(problem.scope).toBe('write:messages');
  });

  it('PX-10: 429 says when to try again, if the API does', async () => {
    for (const [said, expected] of [
      ['20', '20'],
      ['-1e9', null],
    ]) {
      respond = () => ({ status: 429, headers: { 'retry-after': said ?? '' } });
      const response = await ask('/api/gateway/contacts');
      expect(response.headers.get('retry-after')).toBe(expected);
      await expectProblem(response, 429, 'rate_limited');
    }
  });

  it('PX-10: what is wrong with a field is told as plain text', async () => {
    const errors = [{ field: 'text', message: 'is \u202etoo long' }];
    respond = () => ({ status: 422, body: JSON.stringify({ errors }) });
    const problem = await expectProblem(await post(), 422, 'invalid_content');
    expect(problem.errors).toEqual([{ field: 'text', message: 'is too long' }]);
  });
});

describe('a session and its token', () => {
  const rejected: ScriptedResponse = {
    status: 401,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  };

  it('RC-02: a rejected token is refreshed once, and the new cookie reaches the browser with the response', async () => {
    const other = await signIn();
    respond = (_path, count) => (count === 1 ? rejected : good());
    const response = await ask('/api/gateway/contacts', {}, other);
    expect([response.status, await response.json()]).toEqual([200, { items: [] }]);
    expect(new Set(api.tokens).size).toBe(2);
    expect(response.headers.getSetCookie().some((line) => sessionCookieShape.test(line))).toBe(true);
    expectHarmless(response);
  });

  it('RC-02, PX-10: rejected twice, the resource is not available, the session stays, and there is no loop', async () => {
    const other = await signIn();
    const refreshes = stack.appEvents('tokens_refreshed').length;
    respond = (path) => (path.startsWith('/contacts') ? rejected : good());
    for (const asked of [2, 3]) {
      const response = await ask('/api/gateway/contacts', {}, other);
      keepCookies(other, response);
      await expectProblem(response, 503, 'temporarily_unavailable');
      expect(api.tokens).toHaveLength(asked);
    }
    expect((await ask('/api/gateway/messages', {}, other)).status).toBe(200);
    expect(stack.appEvents('tokens_refreshed')).toHaveLength(refreshes + 1);
  });

  it('RC-02: an event stream whose token is rejected leaves the session, and is refreshed once', async () => {
    const other = await signIn();
    respond = () => rejected;
    const headers = { accept: 'text/event-stream' };
    const open = () => ask('/api/gateway/messages/stream', { headers }, other);
    for (const asked of [2, 3]) {
      const response = await open();
      keepCookies(other, response);
      await expectProblem(response, 503, 'temporarily_unavailable');
      expect(api.tokens).toHaveLength(asked);
    }
  });

  it('LK-03: a call that fails has one line in the log', async () => {
    respond = () => ({ status: 500 });
    const of = (event: Record<string, unknown>) =>
      /^(?:api_|gateway_|token_rejected)/.test(String(event.event));
    const before = stack.appEvents().filter(of).length;
    const { reference } = await expectProblem(
      await ask('/api/gateway/contacts'),
      503,
      'temporarily_unavailable',
    );
    expect(stack.appEvents().filter(of).slice(before)).toEqual([
      expect.objectContaining({ reference, reason: 'status_500', resource: 'contacts', method: 'GET' }),
    ]);
  });

  it('RC-03: a JSON body of any length that the table takes is sent again, byte for byte', async () => {
    const other = await signIn();
    respond = (_path, count) => (count === 1 ? rejected : { status: 201, body: '{}' });
    const send = (body: string, who: HttpBrowser) =>
      ask(
        '/api/gateway/messages',
        { method: 'POST', body, headers: { 'content-type': 'application/json' } },
        who,
      );
    expect((await send('{"text":"short"}', other)).status).toBe(201);
    expect(api.posts.map(({ body }) => body)).toEqual(['{"text":"short"}', '{"text":"short"}']);

    for (const list of [api.tokens, api.posts]) list.length = 0;
    const long = JSON.stringify({ text: 'a'.repeat(40_000) });
    const third = await signIn();
    const response = await send(long, third);
    expect(response.status).toBe(201);
    expect(api.posts.map(({ body }) => body)).toEqual([long, long]);
    expect(response.headers.getSetCookie().some((line) => sessionCookieShape.test(line))).toBe(true);
  });

  it('PX-10: a call for step-up keeps its own code, and refreshes nothing', async () => {
    const error = 'Bearer error="insufficient_user_authentication", acr_values="urn:stronger"';
    respond = () => ({ status: 401, headers: { 'www-authenticate': error } });
    const response = await ask('/api/gateway/contacts');
    expect(response.headers.getSetCookie().some((line) => sessionCookieShape.test(line))).toBe(false);
    await expectProblem(response, 401, 'insufficient_user_authentication');
    expect(api.tokens).toHaveLength(1);
  });

  it('LK-01: no token is in anything that a script receives', async () => {
    const response = await ask('/api/gateway/contacts', { headers: ownHeaders });
    const text = `${JSON.stringify([...response.headers])}${await response.text()}`;
    const [, token = 'none'] = (api.tokens[0] ?? '').split(' ');
    expect(token.length).toBeGreaterThan(100);
    for (const part of token.split('.')) expect(text).not.toContain(part);
  });
});
