/** One server process that this script started: its output line by line, its readiness, its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Child = {
  name: string;
  /** Resolves with the exit code, however it ends. */
  exited: Promise<number | null>;
  pid: number;
  /** SIGKILL: as a machine that loses power. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL for what is still there five seconds later. */
  stop(): Promise<void>;
};

export type ChildOptions = {
  name: string;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  onLine?: (line: string) => void;
};

export function startChild({ name, args, env, cwd, onLine }: ChildOptions): Child {
  const child = spawn(process.execPath, args, {
    env: env as NodeJS.ProcessEnv,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => onLine?.(line));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    name,
    exited,
    pid: child.pid ?? 0,
    stop: () => stopChild(child, exited),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function stopChild(child: ChildProcess, exited: Promise<number | null>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(timer);
}

/**
 * Waits until `address` responds with a status below 500.
 * @throws when the process ends first, or after `timeoutMs`
 */
export async function waitUntilReady(child: Child, address: string, timeoutMs = 600_000): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  let hasExited = false;
  void child.exited.then(() => {
    hasExited = true;
  });
  while (Date.now() < endMs) {
    if (hasExited) throw new Error(`The ${child.name} exited while starting.`);
    const response = await fetch(address, { signal: AbortSignal.timeout(10_000), redirect: 'manual' }).catch(
      () => null,
    );
    if (response !== null && response.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The ${child.name} did not answer at ${address} within ${timeoutMs / 1000} s.`);
}
