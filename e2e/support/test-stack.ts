/** A stack of servers for one group of tests: own ports, own temporary state, everything that they printed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../../scripts/ports.ts';
import { type ServerName, type Stack, startStack } from '../../scripts/stack.ts';

export type TestStack = Stack & {
  /** Every line that the servers printed, in order. */
  lines: { server: ServerName; line: string }[];
  /** The application's log, one object per event. */
  appEvents(name?: string): Record<string, unknown>[];
  passwordOf(email: string): string;
};

export const ada = 'ada@strongroom.test';
export const grace = 'grace@strongroom.test';

export async function startTestStack(env: Readonly<Record<string, string>> = {}): Promise<TestStack> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'strongroom-'));
  const [appPort = 0, authorizationServerPort = 0, apiPort = 0] = await findFreePorts(3);
  const lines: TestStack['lines'] = [];
  const onLine = (server: ServerName, line: string) => void lines.push({ server, line });
  const stack = await startStack({
    appPort,
    authorizationServerPort,
    apiPort,
    stateFolder,
    env,
    onLine,
  }).catch((error: Error) => {
    rmSync(stateFolder, { recursive: true, force: true });
    throw new Error(`${error.message}\n${lines.map(({ server, line }) => `${server}: ${line}`).join('\n')}`);
  });
  return {
    ...stack,
    lines,
    appEvents: (name) => readEvents(lines).filter(({ event }) => name === undefined || event === name),
    passwordOf: (email) => stack.secrets.passwords[email] ?? '',
    close: async () => {
      await stack.close();
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

function readEvents(lines: TestStack['lines']): Record<string, unknown>[] {
  return lines.flatMap(({ server, line }) =>
    server === 'application' && line.startsWith('{') ? [JSON.parse(line)] : [],
  );
}
