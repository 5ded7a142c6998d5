/** nginx from Debian with the configuration that is shipped (deploy/nginx.conf), on ports and with a certificate of a test. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export const certificates = join(import.meta.dirname, '../hostile/tls');
const shipped = join(import.meta.dirname, '../../deploy/nginx.conf');

export type Nginx = {
  /** What it could not do, line by line. */
  errors(): string[];
  close(): Promise<void>;
};

/** With CI=true a missing nginx is a failure; elsewhere its tests are skipped, and say so. */
export function findNginx(): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  const found = folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (process.env.CI === 'true') throw new Error('nginx is not installed; with CI=true that is a failure.');
  console.warn('nginx is not installed: what needs it is skipped.');
  return null;
}

type Ports = { tls: number; clear: number; instances: readonly [number, number] };

/** Listens on loopback. @throws with what `nginx -t` says about the configuration */
export async function startNginx(ports: Ports): Promise<Nginx> {
  const program = findNginx() ?? 'nginx';
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-nginx-'));
  const config = join(folder, 'nginx.conf');
  writeFileSync(join(folder, 'strongroom.conf'), placeOnPorts(readFileSync(shipped, 'utf8'), ports));
  writeFileSync(config, mainConfig(folder));
  const options = ['-p', folder, '-c', config];
  const tested = spawnSync(program, ['-t', ...options], { encoding: 'utf8' });
  if (tested.status !== 0) throw new Error(tested.stderr);
  const child = spawn(program, options, { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await untilItListens(ports.tls);
  return {
    errors: () => readFileSync(join(folder, 'error.log'), 'utf8').split('\n').filter(Boolean),
    close: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @throws when the shipped file does not hold what is replaced */
function placeOnPorts(text: string, { tls, clear, instances: [first, second] }: Ports): string {
  const replacements: [string, string][] = [
    ['127.0.0.1:3000', `127.0.0.1:${first}`],
    ['127.0.0.1:3001', `127.0.0.1:${second}`],
    ['listen 80;', `listen 127.0.0.1:${clear};`],
    ['listen 443 ', `listen 127.0.0.1:${tls} `],
    ['/etc/ssl/app.example.com.pem', join(certificates, 'right.pem')],
    ['/etc/ssl/app.example.com.key', join(certificates, 'test-only-key.pem')],
    ['app.example.com', 'localhost'],
  ];
  return replacements.reduce((written, [from, to]) => {
    if (!written.includes(from)) throw new Error(`deploy/nginx.conf does not hold ${from}.`);
    return written.replaceAll(from, to);
  }, text);
}

/** What Debian's own nginx.conf says, for a user and a folder of one's own. */
function mainConfig(folder: string): string {
  const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => {
    mkdirSync(join(folder, name));
    return `${name}_temp_path ${join(folder, name)};`;
  });
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `${user} daemon off; pid ${folder}/pid; error_log ${folder}/error.log warn;
    events { worker_connections 1024; }
    http { access_log off; ${bodies.join(' ')} include ${folder}/strongroom.conf; }`;
}

async function untilItListens(port: number): Promise<void> {
  for (let round = 0; round < 2_000; round += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nginx does not listen on port ${port}.`);
}
