/** A stack whose API says what the test wants, and a script of our pages that asks it through the gateway. */
import { expect } from 'vitest';
import { borrowStack } from './borrowed-stack.ts';
import { HttpBrowser } from './http-browser.ts';
import { askAsScript, cookieHeader } from './page-script.ts';
import { type ScriptedApi, type ScriptedResponse, startScriptedApi } from './scripted-api.ts';
import { signInByHttp } from './sign-in-by-http.ts';
import type { TestStack } from './test-stack.ts';

type Init = Parameters<typeof askAsScript>[2];

export type GatewayWorld = {
  stack: TestStack;
  api: ScriptedApi;
  browser: HttpBrowser;
  /** How the API responds from now on. */
  respond: (path: string, count: number, method: string) => ScriptedResponse;
  ask(path: string, init?: Init, who?: HttpBrowser): Promise<Response>;
  /** A new message, as JSON. */
  post(init?: Init, who?: HttpBrowser): Promise<Response>;
  /** A browser of its own: a session is recovered once a minute. */
  signIn(): Promise<HttpBrowser>;
  /** The API responds well again, and nothing has been asked. */
  forget(): void;
  close(): Promise<unknown>;
};

export const goodResponse = (): ScriptedResponse => ({ status: 200, body: '{"items":[]}' });

/** @param stack one of its own, where a borrowed one will not do */
export async function startGatewayWorld(stack?: TestStack): Promise<GatewayWorld> {
  const own = stack ?? (await borrowStack());
  const { appOrigin, settings } = own;
  const signIn = async () => {
    const browser = new HttpBrowser();
    await signInByHttp(own, browser, { returnTo: '/dashboard/access' });
    return browser;
  };
  const browser = await signIn();
  await own.stop('API');
  const api = await startScriptedApi(settings.apiPort, (...request) => world.respond(...request));
  const ask: GatewayWorld['ask'] = (path, init, who = browser) =>
    askAsScript({ browser: who, origin: appOrigin }, path, init);
  const world: GatewayWorld = {
    ...{ stack: own, api, browser, ask, signIn, respond: goodResponse },
    post: (init = {}, who = browser) => {
      const headers = { 'content-type': 'application/json', ...init.headers };
      return ask('/api/gateway/messages', { method: 'POST', body: '{"text":"a"}', ...init, headers }, who);
    },
    forget: () => {
      world.respond = goodResponse;
      for (const list of [api.tokens, api.requests, api.posts, api.uploads]) list.length = 0;
    },
    close: () => Promise.all([api.close(), own.close()]),
  };
  return world;
}

/** What a browser sends for `new EventSource(…)` and for `<img src>`: no header of ours among it. */
export function loadFrom(
  { stack, browser }: GatewayWorld,
  path: string,
  dest: 'empty' | 'image',
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {},
) {
  const accept = dest === 'empty' ? 'text/event-stream' : 'image/avif,image/webp,*/*;q=0.8';
  const cookie = cookieHeader(browser, stack.appOrigin);
  return fetch(stack.appOrigin + path, {
    redirect: 'manual',
    signal: signal ?? AbortSignal.timeout(240_000),
    headers: { accept, cookie, 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': dest, ...headers },
  });
}
/** What every problem that the gateway reports must be. */
export async function expectProblem(
  { stack }: GatewayWorld,
  response: Response,
  [status, code]: [status: number, code: string],
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

export function expectHarmless({ headers }: Response): void {
  expect(headers.get('cache-control')).toBe('private, no-store');
  expect(headers.get('vary')).toMatch(/\bCookie\b/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain('sandbox');
  for (const name of ['access-control-allow-origin', 'location', 'www-authenticate', 'refresh'])
    expect([name, headers.get(name)]).toEqual([name, null]);
}
