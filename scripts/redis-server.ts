/**
 * A real Redis of one's own on loopback, without a disk unless asked for: for tests and benches, which stop
 * it, pause it and empty it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findFreePorts } from './ports.ts';

export type RedisServer = {
  url: string;
  /** Starts it again on its port; empty, unless it has an append-only file. */
  start(more?: readonly string[]): Promise<void>;
  /** SIGKILL: as a power cut. */
  stop(): Promise<void>;
  /** SIGSTOP and SIGCONT: the process runs and does not respond. */
  pause(): void;
  resume(): void;
  flush(): Promise<void>;
  /** Sends one inline command. */
  command(line: string): Promise<string>;
  close(): Promise<void>;
};

/**
 * Whether there is a redis-server to run. With CI=true a missing one is a failure; elsewhere its tests are
 * skipped, and say so.
 */
export function hasRedis(): boolean {
  if (isInstalled('redis-server')) return true;
  if (process.env.CI === 'true')
    throw new Error('redis-server is not installed; with CI=true that is a failure.');
  console.warn('redis-server is not installed: what needs it is skipped.');
  return false;
}

/** Whether there is a valkey-server too. Debian 12 has no package of it, so none is needed anywhere. */
export function hasValkey(): boolean {
  if (isInstalled('valkey-server')) return true;
  console.warn('valkey-server is not installed: what is tested with Redis is not tested with Valkey too.');
  return false;
}

function isInstalled(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

/**
 * @param more options of redis-server, such as `--appendonly yes`; they overrule those below
 * @param settings lines of a file of its own, which a sentinel needs
 */
export async function startRedis(
  more: readonly string[] = [],
  { program = 'redis-server', settings = '' } = {},
): Promise<RedisServer> {
  const [port = 0] = await findFreePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-redis-'));
  const settingsFile = join(folder, 'settings.conf');
  writeFileSync(settingsFile, settings);
  const running: { child: ChildProcess | null } = { child: null };

  async function start(again: readonly string[] = []): Promise<void> {
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
    const options = [...own, '--save', '', '--appendonly', 'no', ...more, ...again];
    const child = spawn(program, [settingsFile, ...options], { stdio: 'ignore' });
    running.child = child;
    await Promise.race([waitForResponse(port), rejectMissing(child)]);
  }

  async function stop(): Promise<void> {
    const { child } = running;
    running.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    stop,
    pause: () => void running.child?.kill('SIGSTOP'),
    resume: () => void running.child?.kill('SIGCONT'),
    flush: async () => void (await say(port, 'FLUSHALL')),
    command: (line) => say(port, line),
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function rejectMissing(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', () =>
      reject(new Error('redis-server cannot be started. Install it (Debian: apt-get install redis-server).')),
    );
  });
}

async function waitForResponse(port: number): Promise<void> {
  for (let round = 0; round < 2_000; round += 1) {
    if ((await say(port, 'PING').catch(() => '')).startsWith('+PONG')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`redis-server does not answer on port ${port}.`);
}

/**
 * Sends one inline command and reads one line of response.
 * @see Redis serialization protocol, inline commands
 */
function say(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.setTimeout(60_000, () => socket.destroy(new Error('redis-server is silent')));
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.end();
    });
    socket.once('error', reject);
  });
}
