/** Caddy with the configuration that is shipped (deploy/Caddyfile), on ports and with a certificate of a test. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificates } from './nginx.ts';

const shipped = join(import.meta.dirname, '../../deploy/Caddyfile');

export function hasCaddy(): boolean {
  return spawnSync('caddy', ['version'], { stdio: 'ignore' }).status === 0;
}

/** Listens on loopback, in front of two instances. @throws with what Caddy says when it ends */
export async function startCaddy(port: number, instances: readonly [number, number]) {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-caddy-'));
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, placeOnPorts(readFileSync(shipped, 'utf8'), port, instances));
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const child = spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', file], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const exited = new Promise<never>((_, reject) => child.once('exit', () => reject(new Error(said))));
  exited.catch(() => {});
  await Promise.race([untilItListens(port), exited]);
  return {
    close: async () => {
      child.kill('SIGTERM');
      await exited.catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @throws when the shipped file does not hold what is replaced */
function placeOnPorts(text: string, port: number, [first, second]: readonly [number, number]): string {
  const certificate = `tls ${join(certificates, 'right.pem')} ${join(certificates, 'test-only-key.pem')}`;
  const replacements: [string, string][] = [
    ['app.example.com {', `https://localhost:${port} {\n\tbind 127.0.0.1\n\t${certificate}`],
    ['127.0.0.1:3000', `127.0.0.1:${first}`],
    ['127.0.0.1:3001', `127.0.0.1:${second}`],
  ];
  const placed = replacements.reduce((written, [from, to]) => {
    if (!written.includes(from)) throw new Error(`deploy/Caddyfile does not hold ${from}.`);
    return written.replaceAll(from, to);
  }, text);
  return `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${placed}`;
}

async function untilItListens(port: number): Promise<void> {
  for (;;) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
