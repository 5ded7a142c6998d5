/**
 * docs/existing-app.md, done: the package of the core in an application as `create-next-app` makes it. One build, which
 * Next's own two ways of starting serve.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect } from '@playwright/test';
import { type Child, startChild, waitUntilReady } from '../scripts/child.ts';
import {
  buildPackedApp,
  type PackedApp,
  readAdded,
  root,
  writeEnvironment,
} from './existing-app/packed-app.ts';
import { email, type SampleServers, startSampleServers } from './existing-app/sample-servers.ts';

const test = base.extend<object, { app: PackedApp; servers: SampleServers }>({
  app: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from it
    async ({}, use) => {
      const app = await buildPackedApp();
      await use(app);
      rmSync(app.folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 1_200_000 },
  ],
  servers: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const servers = await startSampleServers();
      await use(servers);
      await servers.close();
    },
    { scope: 'worker' },
  ],
});
// One worker builds for all of them.
test.describe.configure({ mode: 'default' });

const added = readAdded();
const run = { 'next start': 'node_modules/next/dist/bin/next', standalone: '.next/standalone/server.js' };

async function start(app: PackedApp, servers: SampleServers, how: keyof typeof run) {
  const { appPort, appUrl, env } = servers;
  writeEnvironment(app.folder, { ...env, AUTH_URL: appUrl });
  const lines: string[] = [];
  const isNext = how === 'next start';
  const own = isNext ? {} : { ...env, AUTH_URL: appUrl, PORT: String(appPort), HOSTNAME: '127.0.0.1' };
  const child: Child = startChild({
    name: how,
    args: [run[how], ...(isNext ? ['start', '--port', String(appPort), '--hostname', '127.0.0.1'] : [])],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...own },
    cwd: app.folder,
    onLine: (line) => void lines.push(line),
  });
  await waitUntilReady(child, `${appUrl}/auth/status`).catch((error: Error) => {
    throw new Error(`${error.message}\n${lines.join('\n')}`);
  });
  return { child, lines };
}

test('docs/existing-app.md shows exactly the files that are added: at most 6, with at most 80 lines', () => {
  const text = readFileSync(join(root, 'docs/existing-app.md'), 'utf8');
  const blocks = [...text.matchAll(/^`([^`\n]+)`:?\n+```\w+\n([\s\S]*?)^```$/gm)];
  const shown = Object.fromEntries(blocks.map(([, path = '', code = '']) => [path, code]));
  expect(shown).toEqual(added);
  expect(Object.keys(added).length).toBeLessThanOrEqual(6);
  const lines = Object.values(added).flatMap((code) => code.trim().split('\n'));
  expect(lines.length).toBeLessThanOrEqual(80);
  const words = text.replace(/^```[\s\S]*?^```/gm, '').split(/\s+/);
  expect(words.length).toBeLessThanOrEqual(450);
});

test('FW-03: the package holds the compiled core, its types, README and license, and no test', async ({
  app,
}) => {
  const others = app.tarball.filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path));
  expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  const read = (name: string) => readFileSync(join(app.folder, 'node_modules/strongroom/dist', name), 'utf8');
  expect(read('client.js')).toMatch(/^"use client";/);
  for (const name of ['strongroom', 'server', 'proxy', 'routes'])
    expect(read(`${name}.js`), name).toContain('import "server-only";');
  expect(app.tarball.filter((path) => /\.test\.|\/testing\/|fuzz|vectors/.test(path))).toEqual([]);
});

test('users sign in, see a page with data of the API, and sign out; scripts of the page run', async ({
  app,
  servers,
  page,
}) => {
  const { child, lines } = await start(app, servers, 'next start');
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  try {
    await page.goto(`${servers.appUrl}/`);
    await page.getByRole('button', { name: 'Clicked 0 times' }).click();
    await expect(page.getByRole('button', { name: 'Clicked 1 times' })).toBeVisible();

    await page.goto(`${servers.appUrl}/account`);
    await expect(page.getByRole('heading', { name: 'Please sign in' })).toBeVisible();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(servers.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await expect(page.getByRole('heading', { name: 'Hello Ada' })).toBeVisible();
    expect(page.url()).toBe(`${servers.appUrl}/account`);
    await expect(page.getByRole('listitem')).not.toHaveCount(0);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
    await page.goto(`${servers.appUrl}/account`);
    await expect(page.getByRole('heading', { name: 'Please sign in' })).toBeVisible();
    expect(errors).toEqual([]);
    expect(lines.filter((line) => line.includes('"signed_in"'))).toHaveLength(1);
  } finally {
    await child.stop();
  }
});

test('HO-01, CS-01: the standalone server of Next is guarded too, and protects the page', async ({
  app,
  servers,
}) => {
  const { child } = await start(app, servers, 'standalone');
  try {
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(servers.appUrl + path, { redirect: 'manual', ...init });
    const account = await ask('/account', { headers: { accept: 'text/html' } });
    expect([account.status, account.headers.get('location')]).toEqual([303, '/auth/please-sign-in']);
    expect(account.headers.get('x-frame-options')).toBe('DENY');
    expect((await ask('/account', { method: 'DELETE' })).status).toBe(405);
    const elsewhere = await fetch(servers.appUrl.replace('localhost', '127.0.0.1'));
    expect([elsewhere.status, await elsewhere.text()]).toEqual([
      421,
      expect.stringContaining('This is not the address of this site.'),
    ]);
  } finally {
    await child.stop();
  }
});
