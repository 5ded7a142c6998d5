/** The session of a script that asks through the gateway: its token is refreshed once, and reaches no script. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  expectHarmless,
  expectProblem,
  type GatewayWorld,
  goodResponse,
  startGatewayWorld,
} from '../support/gateway-world.ts';
import type { HttpBrowser } from '../support/http-browser.ts';
import { ownHeaders } from '../support/page-script.ts';
import type { ScriptedResponse } from '../support/scripted-api.ts';
import { sessionCookieShape } from '../support/seals.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await startGatewayWorld();
});
afterEach(() => world.forget());
afterAll(() => world.close());

const keepCookies = (who: HttpBrowser, { headers }: Response) => {
  for (const line of headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    who.cookies(world.stack.appOrigin).set(name, { value, path: '/' });
  }
};

describe('a session and its token', () => {
  const rejected: ScriptedResponse = {
    status: 401,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  };

  it('RC-02: a rejected token is refreshed once, and the new cookie reaches the browser with the response', async () => {
    const other = await world.signIn();
    world.respond = (_path, count) => (count === 1 ? rejected : goodResponse());
    const response = await world.ask('/api/gateway/contacts', {}, other);
    expect([response.status, await response.json()]).toEqual([200, { items: [] }]);
    expect(new Set(world.api.tokens).size).toBe(2);
    expect(response.headers.getSetCookie().some((line) => sessionCookieShape.test(line))).toBe(true);
    expectHarmless(response);
  });

  it('RC-02, PX-10: rejected twice, the resource is not available, the session stays, and there is no loop', async () => {
    const other = await world.signIn();
    const refreshes = world.stack.appEvents('tokens_refreshed').length;
    world.respond = (path) => (path.startsWith('/contacts') ? rejected : goodResponse());
    for (const asked of [2, 3]) {
      const response = await world.ask('/api/gateway/contacts', {}, other);
      keepCookies(other, response);
      await expectProblem(world, response, [503, 'temporarily_unavailable']);
      expect(world.api.tokens).toHaveLength(asked);
    }
    expect((await world.ask('/api/gateway/messages', {}, other)).status).toBe(200);
    expect(world.stack.appEvents('tokens_refreshed')).toHaveLength(refreshes + 1);
  });

  it('RC-02: an event stream whose token is rejected leaves the session, and is refreshed once', async () => {
    const other = await world.signIn();
    world.respond = () => rejected;
    const headers = { accept: 'text/event-stream' };
    const open = () => world.ask('/api/gateway/messages/stream', { headers }, other);
    for (const asked of [2, 3]) {
      const response = await open();
      keepCookies(other, response);
      await expectProblem(world, response, [503, 'temporarily_unavailable']);
      expect(world.api.tokens).toHaveLength(asked);
    }
  });

  it('LK-03: a call that fails has one line in the log', async () => {
    world.respond = () => ({ status: 500 });
    const of = (event: Record<string, unknown>) =>
      /^(?:api_|gateway_|token_rejected)/.test(String(event.event));
    const before = world.stack.appEvents().filter(of).length;
    const { reference } = await expectProblem(world, await world.ask('/api/gateway/contacts'), [
      503,
      'temporarily_unavailable',
    ]);
    expect(world.stack.appEvents().filter(of).slice(before)).toEqual([
      expect.objectContaining({ reference, reason: 'status_500', resource: 'contacts', method: 'GET' }),
    ]);
  });

  it('RC-03: a JSON body of any length that the table takes is sent again, byte for byte', async () => {
    const other = await world.signIn();
    world.respond = (_path, count) => (count === 1 ? rejected : { status: 201, body: '{}' });
    const send = (body: string, who: HttpBrowser) =>
      world.ask(
        '/api/gateway/messages',
        { method: 'POST', body, headers: { 'content-type': 'application/json' } },
        who,
      );
    expect((await send('{"text":"short"}', other)).status).toBe(201);
    expect(world.api.posts.map(({ body }) => body)).toEqual(['{"text":"short"}', '{"text":"short"}']);

    for (const list of [world.api.tokens, world.api.posts]) list.length = 0;
    const long = JSON.stringify({ text: 'a'.repeat(40_000) });
    const third = await world.signIn();
    const response = await send(long, third);
    expect(response.status).toBe(201);
    expect(world.api.posts.map(({ body }) => body)).toEqual([long, long]);
    expect(response.headers.getSetCookie().some((line) => sessionCookieShape.test(line))).toBe(true);
  });

  it('PX-10: a call for step-up keeps its own code, and refreshes nothing', async () => {
    const error = 'Bearer error="insufficient_user_authentication", acr_values="urn:stronger"';
    world.respond = () => ({ status: 401, headers: { 'www-authenticate': error } });
    const response = await world.ask('/api/gateway/contacts');
    expect(response.headers.getSetCookie().some((line) => sessionCookieShape.test(line))).toBe(false);
    await expectProblem(world, response, [401, 'insufficient_user_authentication']);
    expect(world.api.tokens).toHaveLength(1);
  });

  it('LK-01: no token is in anything that a script receives', async () => {
    const response = await world.ask('/api/gateway/contacts', { headers: ownHeaders });
    const text = `${JSON.stringify([...response.headers])}${await response.text()}`;
    const [, token = 'none'] = (world.api.tokens[0] ?? '').split(' ');
    expect(token.length).toBeGreaterThan(100);
    for (const part of token.split('.')) expect(text).not.toContain(part);
  });
});
