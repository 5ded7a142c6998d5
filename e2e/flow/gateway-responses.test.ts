/** What comes back through the gateway: of the API’s response no more than a script may have, and every failure as a problem. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  expectHarmless,
  expectProblem,
  type GatewayWorld,
  startGatewayWorld,
} from '../support/gateway-world.ts';
import { hostileHeaders } from '../support/hostile-headers.ts';
import { HttpBrowser } from '../support/http-browser.ts';
import { type ScriptedResponse, startScriptedApi } from '../support/scripted-api.ts';
import { editSession } from '../support/seals.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterEach(() => world.forget());
afterAll(() => world.close());

describe('the response of the API', () => {
  it.each([200, 422, 503])('PX-06, CS-04: no header of a response with status %i passes', async (status) => {
    world.respond = () => ({ status, headers: hostileHeaders, body: '{"a":1}' });
    const response = await world.ask('/api/gateway/contacts');
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
    world.respond = () => ({
      status: 200,
      headers: { 'content-type': type },
      body: '<script>x-canary</script>',
    });
    const response = await world.ask('/api/gateway/contacts');
    expect(JSON.stringify(await expectProblem(world, response, [502, 'invalid_response']))).not.toContain(
      'canary',
    );
  });

  it.each([301, 302, 303, 307, 308])('PX-07: a redirect with %i is not followed', async (status) => {
    let visits = 0;
    const sink = await startScriptedApi(0, () => {
      visits += 1;
      return { status: 200 };
    });
    world.respond = () => ({ status, headers: { location: `http://127.0.0.1:${sink.port}/` } });
    await expectProblem(world, await world.ask('/api/gateway/contacts'), [502, 'invalid_response']);
    expect([visits, world.api.requests.length]).toEqual([0, 1]);
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
    world.respond = () => scripted;
    const problem = await expectProblem(world, await world.ask('/api/gateway/contacts'), [status, code]);
    expect(JSON.stringify(problem)).not.toContain('canary');
  });

  it('PX-10: a permission that is missing is named, if it may be asked for', async () => {
    const other = new HttpBrowser();
    await signInByHttp(world.stack, other, {
      returnTo: '/dashboard/access',
      email: 'grace@strongroom.test',
      permissions: ['read:contacts'],
    });
    await editSession(world.stack, other, (session) => ({
      ...session,
      tokens: { ...(session.tokens as object), scopes: ['openid', 'read:contacts'] },
    }));
    const challenge = 'Bearer error="insufficient_scope", scope="admin write:messages"';
    world.respond = () => ({ status: 403, headers: { 'www-authenticate': challenge } });
    const problem = await expectProblem(world, await world.ask('/api/gateway/messages', {}, other), [
      403,
      'insufficient_scope',
    ]);
    expect(problem.scope).toBe('write:messages');
  });

  it('PX-10: 429 says when to try again, if the API does', async () => {
    for (const [said, expected] of [
      ['20', '20'],
      ['-1e9', null],
    ]) {
      world.respond = () => ({ status: 429, headers: { 'retry-after': said ?? '' } });
      const response = await world.ask('/api/gateway/contacts');
      expect(response.headers.get('retry-after')).toBe(expected);
      await expectProblem(world, response, [429, 'rate_limited']);
    }
  });

  it('PX-10: what is wrong with a field is told as plain text', async () => {
    const errors = [{ field: 'text', message: 'is \u202etoo long' }];
    world.respond = () => ({ status: 422, body: JSON.stringify({ errors }) });
    const problem = await expectProblem(world, await world.post(), [422, 'invalid_content']);
    expect(problem.errors).toEqual([{ field: 'text', message: 'is too long' }]);
  });
});
