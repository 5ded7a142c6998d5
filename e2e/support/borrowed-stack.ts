/**
 * A stack of servers that the test files of one worker use one after the other, since starting it takes longer
 * than most of them. The bundled servers start anew for each and know of no consent and no message; the
 * application is the same, which remembers what it was told once, and has said once what it says once. A file that
 * counts on more starts a stack of its own.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerName } from '../../scripts/stack.ts';
import { startTestStack, type TestStack } from './test-stack.ts';
import { atWorkerEnd } from './worker-end.ts';

type Shared = {
  stack: TestStack;
  /** What it printed when it started. */
  firstLines: TestStack['lines'];
  /** Servers that the borrower before has stopped or started in another way. */
  changed: Set<ServerName>;
};

const bundled = ['authorization server', 'API'] as const;
let idle: Shared | null = null;

/** `close` gives it back. */
export async function borrowStack(): Promise<TestStack> {
  const shared = idle ?? (await startShared());
  idle = null;
  const { stack, changed } = shared;
  changed.clear();
  for (const name of bundled) await stack.stop(name);
  forgetEverybody(stack.settings.stateFolder);
  for (const name of bundled) await stack.start(name);
  stack.lines.splice(0, stack.lines.length, ...shared.firstLines);
  return {
    ...stack,
    start: (name, env) => stack.start(note(changed, name), env),
    stop: (name) => stack.stop(note(changed, name)),
    kill: (name) => stack.kill(note(changed, name)),
    close: async () => void (await release(shared)),
  };
}

/** The application keeps the secrets of the client and the keys of the server. */
function forgetEverybody(stateFolder: string): void {
  for (const name of readdirSync(stateFolder))
    if (!name.endsWith('.json')) rmSync(join(stateFolder, name), { recursive: true });
}

function note(changed: Set<ServerName>, name: ServerName): ServerName {
  changed.add(name);
  return name;
}

/** An application that was started again has lost what it remembered, and printed other lines. */
async function release(shared: Shared): Promise<void> {
  if (idle === null && !shared.changed.has('application')) idle = shared;
  else await shared.stack.close();
}

async function startShared(): Promise<Shared> {
  const stack = await startTestStack();
  atWorkerEnd(() => {
    void stack.kill('application');
    rmSync(stack.settings.stateFolder, { recursive: true, force: true });
  });
  return { stack, firstLines: [...stack.lines], changed: new Set() };
}
