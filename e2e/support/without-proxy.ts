/**
 * The same build with `proxy.ts` taken out of the way, as a bug in the framework could do: what is left is
 * what pages and actions check.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, waitUntilReady } from '../../scripts/child.ts';
import { findFreePorts } from '../../scripts/ports.ts';
import { baseEnv, describeApp } from '../../scripts/stack-settings.ts';
import { patientNode } from './patience.ts';
import type { TestStack } from './test-stack.ts';

const built = join(import.meta.dirname, '../../.next/standalone');
const manifest = '.next/server/functions-config-manifest.json';

/** Another instance of the application of `stack`, which opens the same cookies. */
export async function startWithoutProxy(
  stack: TestStack,
  env: Readonly<Record<string, string>>,
): Promise<{ origin: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-bare-'));
  for (const name of ['.next', 'server.js', 'standalone-server.mjs', 'early-lines.mjs', 'package.json'])
    cpSync(join(built, name), join(folder, name), { recursive: true, verbatimSymlinks: true });
  symlinkSync(join(built, 'node_modules'), join(folder, 'node_modules'));
  const text = readFileSync(join(folder, manifest), 'utf8');
  const { functions, ...rest } = JSON.parse(text) as { functions: Record<string, unknown> };
  const { '/_middleware': proxy, ...others } = functions;
  if (proxy === undefined) throw new Error('This build has no proxy to take away.');
  writeFileSync(join(folder, manifest), JSON.stringify({ ...rest, functions: others }));

  const { settings, secrets } = stack;
  const [port = 0] = await findFreePorts(1);
  const origin = `http://localhost:${port}`;
  const told = { ...patientNode, COOKIE_NAME: 'strongroom', ...env, AUTH_URL: origin };
  const options = { appPort: port, authorizationServerPort: 0, apiPort: 0, stateFolder: '', env: told };
  const child = startChild({
    name: 'application without proxy',
    args: [join(folder, 'server.js')],
    env: { ...baseEnv(options), ...describeApp(options, settings, secrets), PORT: String(port) },
  });
  const close = async () => {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  await waitUntilReady(child, `${origin}/healthz`).catch(async (error) => {
    await close();
    throw error;
  });
  return { origin, close };
}
