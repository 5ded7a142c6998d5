/**
 * The same build with another way to its pages than the page guard of the server guard: through Next's proxy, as with
 * `next start`; or with neither of them, as a bug could do, and what is left is what pages and actions check.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, waitUntilReady } from '../../scripts/child.ts';
import { restoreProxy } from '../../scripts/page-routes.ts';
import { findFreePorts } from '../../scripts/ports.ts';
import { baseEnv, describeApp } from '../../scripts/stack-settings.ts';
import { patientNode } from './patience.ts';
import type { TestStack } from './test-stack.ts';

const built = join(import.meta.dirname, '../../.next/standalone');
const routes = '.next/page-routes.json';

type Way = 'Next’s proxy' | 'neither';
type Instance = { origin: string; close(): Promise<void> };

/** What scripts/page-routes.ts has done is undone, or done by half. */
function change(folder: string, way: Way): void {
  const { guarded, served } = JSON.parse(readFileSync(join(folder, routes), 'utf8'));
  if (guarded.length === 0) throw new Error('This build has no page guard to take away.');
  if (way === 'neither')
    writeFileSync(join(folder, routes), JSON.stringify({ guarded: [], served, isAliveOurs: false }));
  else restoreProxy(folder, join(built, '..'));
}

/** Another instance of the application of `stack`, which opens the same cookies. */
export async function startOtherWay(
  way: Way,
  stack: TestStack,
  {
    env = {},
    onLine = () => {},
  }: { env?: Readonly<Record<string, string>>; onLine?: (line: string) => void } = {},
): Promise<Instance> {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-way-'));
  for (const name of [
    '.next',
    'public',
    'server.js',
    'standalone-server.mjs',
    'early-lines.mjs',
    'package.json',
  ])
    cpSync(join(built, name), join(folder, name), { recursive: true, verbatimSymlinks: true });
  symlinkSync(join(built, 'node_modules'), join(folder, 'node_modules'));
  change(folder, way);
  const { settings, secrets } = stack;
  const [port = 0] = await findFreePorts(1);
  const origin = `http://localhost:${port}`;
  const told = { ...patientNode, COOKIE_NAME: 'strongroom', ...env, AUTH_URL: origin };
  const options = { appPort: port, authorizationServerPort: 0, apiPort: 0, stateFolder: '', env: told };
  const child = startChild({
    name: `application, ${way}`,
    args: [join(folder, 'server.js')],
    env: { ...baseEnv(options), ...describeApp(options, settings, secrets), PORT: String(port) },
    onLine,
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
