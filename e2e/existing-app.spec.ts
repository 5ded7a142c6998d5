/**
 * docs/existing-app.md, done: the package of the core in an application as `create-next-app` makes it. One
 * build, which Next's own two ways of starting serve.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
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
const run = promisify(execFile);

async function start(app: PackedApp, { appPort, appUrl, env }: SampleServers) {
  writeEnvironment(app.folder, { ...env, AUTH_URL: appUrl });
  const lines: string[] = [];
  const child: Child = startChild({
    name: 'next start',
    args: ['node_modules/next/dist/bin/next', 'start', '--port', String(appPort), '--hostname', '127.0.0.1'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
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

test('the package holds the compiled core, its types, README, license, the documents that it names, and no test', async ({
  app,
}) => {
  const others = app.tarball.filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path));
  const names = ['configuration', 'deployment', 'existing-app', 'troubleshooting'].map(
    (name) => `dist/docs/${name}.md`,
  );
  expect(others).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', ...names]));
  expect(others.filter((path) => !/^dist\/docs\/[a-z-]+\.md$/.test(path))).toHaveLength(3);
  const read = (name: string) => readFileSync(join(app.folder, 'node_modules/strongroom/dist', name), 'utf8');
  expect(read('client.js')).toMatch(/^"use client";/);
  for (const name of ['strongroom', 'server', 'proxy', 'routes'])
    expect(read(`${name}.js`), name).toContain('import "server-only";');
  expect(app.tarball.filter((path) => /\.test\.|\/testing\/|fuzz|vectors/.test(path))).toEqual([]);
});

test('the types of the package fit an application that checks its own', async ({ app }) => {
  const tsc = join(app.folder, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '--noEmit'], { cwd: app.folder }).catch(
    (error) => error,
  );
  expect(stdout).toBe('');
});

test('users sign in, see a page with data of the API, and sign out; scripts of the page run', async ({
  app,
  servers,
  page,
}) => {
  const { child, lines } = await start(app, servers);
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

test('HO-01, CS-05: the kit for tests signs a user in at the standalone server, which is guarded too', async ({
  app,
}) => {
  copyFileSync(join(import.meta.dirname, 'existing-app/with-kit.ts'), join(app.folder, 'with-kit.ts'));
  const env = { PATH: process.env.PATH, NODE_ENV: 'test' as const };
  const { stdout } = await run(process.execPath, ['with-kit.ts'], { cwd: app.folder, env });
  const { signedIn, asked, signedOut, deleted, elsewhere } = JSON.parse(stdout);
  expect([signedIn.status, signedIn.html]).toEqual([
    200,
    expect.stringMatching(/Grace Hopper.*Ada Lovelace/),
  ]);
  expect(asked).toEqual([{ path: '/contacts', subject: 'grace' }]);
  expect([signedOut.status, signedOut.headers.location]).toEqual([303, '/auth/please-sign-in']);
  expect(signedOut.headers['x-frame-options']).toBe('DENY');
  expect(deleted.status).toBe(405);
  const words = 'This is not the address of this site.';
  expect([elsewhere.status, elsewhere.html]).toEqual([421, expect.stringContaining(words)]);
});
