/** The first and the last second of a process: it listens only when it can serve, and ends without cutting anything off. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HttpBrowser } from '../support/http-browser.ts';
import { cookieHeader } from '../support/page-script.ts';
import { signInByHttp } from '../support/sign-in-by-http.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const standalone = join(import.meta.dirname, '../../.next/standalone');
const browser = new HttpBrowser();
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await signInByHttp(stack, browser);
});
afterAll(() => stack.close());

it('after SIGTERM, open event streams end as if they were complete, and the log says when it began and was over', async () => {
  const response = await fetch(`${stack.appOrigin}/api/gateway/messages/stream`, {
    headers: {
      accept: 'text/event-stream',
      cookie: cookieHeader(browser, stack.appOrigin),
      ...{ 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' },
    },
  });
  expect(response.status).toBe(200);
  await stack.stop('application');
  expect(await response.text()).toMatch(/^:/);
  expect(stack.appEvents('shutdown_started')).toMatchObject([
    { level: 'info', signal: 'SIGTERM', running: 1 },
  ]);
  expect(stack.appEvents('shutdown_completed')).toMatchObject([{ cut: 0 }]);
  expect(stack.appEvents('gateway_response_cut')).toEqual([]);
});

it('no request meets a server that is still starting: none gets a connection before', async () => {
  await stack.stop('application');
  let isStarted = false;
  const start = stack.start('application').then(() => {
    isStarted = true;
  });
  const statuses: number[] = [];
  while (!isStarted) {
    const page = await fetch(`${stack.appOrigin}/sign-in`).catch(() => null);
    if (page !== null) statuses.push(page.status);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await start;
  statuses.push((await fetch(`${stack.appOrigin}/sign-in`)).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect((await browser.visit(`${stack.appOrigin}/dashboard`)).status).toBe(200);
});

it('during SHUTDOWN_DELAY it is not ready, and still serves who comes', async () => {
  await stack.stop('application');
  await stack.start('application', { SHUTDOWN_DELAY: '10000' });
  const statusOf = async (path: string) => (await fetch(stack.appOrigin + path)).status;
  expect(await statusOf('/readyz')).toBe(200);
  process.kill(stack.pidOf('application') ?? 0, 'SIGTERM');
  await expect.poll(() => statusOf('/readyz'), { interval: 20 }).toBe(503);
  expect([await statusOf('/healthz'), await statusOf('/sign-in')]).toEqual([200, 200]);
  expect((await browser.visit(`${stack.appOrigin}/dashboard`)).status).toBe(200);
  await stack.kill('application');
});

it.each([
  [{ VERCEL: '1' }, 'this host (Vercel, as VERCEL says) runs functions'],
  [
    { AWS_LAMBDA_FUNCTION_NAME: 'app' },
    'this host (AWS Lambda, as AWS_LAMBDA_FUNCTION_NAME says) runs functions',
  ],
  [{}, 'it was not started by its server.js'],
])('without a server of its own it does not start, and says so: %j', (env, said) => {
  const { config } = JSON.parse(readFileSync(join(standalone, '../required-server-files.json'), 'utf8'));
  // As hosts do that call Next for each request.
  const script = `const { getRequestHandlers } = require('next/dist/server/lib/start-server');
    getRequestHandlers({ dir: process.cwd(), port: 1, isDev: false, hostname: 'localhost' });`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: standalone,
    env: {
      ...{ PATH: process.env.PATH, NODE_ENV: 'production' },
      ...{ __NEXT_PRIVATE_STANDALONE_CONFIG: JSON.stringify(config), ...env },
    },
    encoding: 'utf8',
    timeout: 240_000,
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining(said)]);
});
