/**
 * A stack of servers that the test files of one worker use one after the other, since starting it takes longer
 * than most of them. Whoever borrows it finds what others have left: consents, messages, revoked sessions, and
 * signs in users of their own accord. A file that counts on more starts a stack of its own.
 */
import { rmSync } from 'node:fs';
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

let idle: Shared | null = null;

/** `close` gives it back. */
export async function borrowStack(): Promise<TestStack> {
  const shared = idle ?? (await startShared());
  idle = null;
  const { stack, changed } = shared;
  for (const name of changed) {
    await stack.stop(name);
    await stack.start(name);
  }
  changed.clear();
  stack.lines.splice(0, stack.lines.length, ...shared.firstLines);
  return {
    ...stack,
    start: (name, env) => stack.start(note(changed, name), env),
    stop: (name) => stack.stop(note(changed, name)),
    kill: (name) => stack.kill(note(changed, name)),
    close: async () => void (await release(shared)),
  };
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
    for (const name of ['application', 'API', 'authorization server'] as const) void stack.kill(name);
    rmSync(stack.settings.stateFolder, { recursive: true, force: true });
  });
  return { stack, firstLines: [...stack.lines], changed: new Set() };
}
