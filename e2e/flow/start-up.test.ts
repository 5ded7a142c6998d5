/** What does not start, and what the log says of a start. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowStack } from '../support/borrowed-stack.ts';
import type { TestStack } from '../support/test-stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack.close());

const root = join(import.meta.dirname, '../..');

describe('starting', () => {
  const start = (script: string, env: Record<string, string>) =>
    spawnSync(process.execPath, [join(root, script)], {
      env: {
        ...env,
        PATH: process.env.PATH,
        NODE_ENV: env.NODE_ENV === 'production' ? 'production' : 'test',
      },
      encoding: 'utf8',
      timeout: 240_000,
    });

  it('OP-01: without configuration the server does not start, and names every missing variable', () => {
    const { status, stdout, stderr } = start('.next/standalone/server.js', {
      ...{ PORT: '0', HOSTNAME: '127.0.0.1' },
    });
    expect([status, stderr]).toEqual([1, '']);
    const [line, ...more] = stdout.trim().split('\n');
    expect(more).toEqual([]);
    const { text, ...fields } = JSON.parse(line ?? '');
    expect(fields).toMatchObject({ level: 'error', event: 'not_started' });
    for (const name of [
      'AUTH_URL',
      'AUTH_SECRET',
      'AUTH_ISSUER',
      'AUTH_CLIENT_ID',
      'AUTH_CLIENT_SECRET',
      'API_BASE_URL',
    ])
      expect(text).toContain(`${name} is not set`);
  });

  it('BL-08, SE-15: without Redis the start-up log says what a restart forgets', () => {
    const [said] = stack.appEvents('store_in_memory');
    expect(said?.level).toBe('warn');
    expect(said?.instances).toContain('one only');
    expect(said?.forgottenOnRestart).toContain('revoked sessions');
    expect(stack.appEvents('started')[0]?.store).toBe('memory');
  });

  it.each(['sample/authorization-server/main.ts', 'sample/api/main.ts'])(
    'OP-02: %s does not start in production',
    (script) => {
      const { status, stderr } = start(script, { NODE_ENV: 'production' });
      expect(status).toBe(1);
      expect(stderr).toContain('do not run with NODE_ENV=production');
    },
  );
});
