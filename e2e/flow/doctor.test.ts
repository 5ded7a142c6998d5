/**
 * The doctor beside the real application and the bundled servers: run from the sources, and as it lies in the
 * build, where it may read its own folder and nothing else.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeApp } from '../../scripts/stack-settings.ts';
import { borrowStack } from '../support/borrowed-stack.ts';
import { diagnose } from '../support/doctor-world.ts';
import type { TestStack } from '../support/test-stack.ts';

const standalone = join(import.meta.dirname, '../../.next/standalone');
const commands = {
  sources: ['scripts/doctor.ts'],
  build: ['--permission', `--allow-fs-read=${standalone}`, join(standalone, 'doctor.mjs')],
};

let stack: TestStack;
let env: Record<string, string>;
beforeAll(async () => {
  stack = await borrowStack();
  const options = { appPort: 0, authorizationServerPort: 0, apiPort: 0, stateFolder: '' };
  env = describeApp(options, stack.settings, stack.secrets);
});
afterAll(() => stack.close());

describe.each(Object.entries(commands))('the doctor of the %s', (_name, command) => {
  const complaintsOf = async (changes: Record<string, string> = {}) => {
    const { findings, exitCode, text } = await diagnose({ ...env, ...changes }, ['--json'], command);
    expect(text).not.toContain(stack.secrets.clientSecret);
    const complaints = findings.filter(({ level }) => level !== 'ok');
    return { exitCode, complaints: complaints.map(({ level, variable }) => `${level} ${variable}`) };
  };

  it('has no complaint about the bundled servers', async () => {
    expect(await complaintsOf()).toEqual({ exitCode: 0, complaints: [] });
  });

  it('names a wrong secret, and a redirect URI that is not registered', async () => {
    const { exitCode, complaints } = await complaintsOf({ AUTH_CLIENT_SECRET: 'nT8vQ3xL6pW9wK2m' });
    expect(complaints).toContain('error AUTH_CLIENT_SECRET');
    expect(exitCode).toBe(1);
    const other = stack.appOrigin.replace('localhost', '127.0.0.1');
    expect((await complaintsOf({ AUTH_URL: other })).complaints).toContain('error AUTH_URL');
  });
});
