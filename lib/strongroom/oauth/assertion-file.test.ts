import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { appErrorOf } from '../testing/expect-app-error';
import { readAssertionFile } from './assertion-file';

const folder = mkdtempSync(join(tmpdir(), 'strongroom-assertion-'));
const path = join(folder, 'token');
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(path, { force: true }));

const atSec = 1_800_000_000;
const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
const tokenOf = (claims: unknown, signature = 'canary-signature') =>
  `${encode({ alg: 'RS256', kid: 'platform' })}.${encode(claims)}.${signature}`;
const valid = tokenOf({ iss: 'https://platform.example', sub: 'workload', exp: atSec + 600 });
const read = () => readAssertionFile(path, () => atSec);

describe('a token of the platform', () => {
  it('CA-02: is read anew each time, without the line break at its end', async () => {
    writeFileSync(path, `${valid}\n`);
    expect(await read()).toBe(valid);
    const next = tokenOf({ exp: atSec + 3_600 });
    writeFileSync(path, next);
    expect(await read()).toBe(next);
  });

  it.each<[what: string, content: string, reason: string]>([
    ['an empty file', ' \n', 'assertion_file_malformed'],
    ['a file with something else', 'canary-secret', 'assertion_file_malformed'],
    ['two tokens', `${valid}\n${valid}`, 'assertion_file_malformed'],
    ['a token without a signature', tokenOf({ exp: atSec + 600 }, ''), 'assertion_file_malformed'],
    ['a token without exp', tokenOf({ sub: 'workload' }), 'assertion_file_malformed'],
    ['a token whose exp is a text', tokenOf({ exp: '9999999999' }), 'assertion_file_malformed'],
    ['three parts that are no JSON', 'a.b.c', 'assertion_file_malformed'],
    [
      'a file of 17 kB',
      tokenOf({ exp: atSec + 600, padding: 'x'.repeat(17_000) }),
      'assertion_file_malformed',
    ],
    ['an expired token', tokenOf({ exp: atSec }), 'assertion_file_expired'],
  ])(
    'CA-02, LK-03: %s is an error whose log line says how to mend it, and repeats none of it',
    async (_, content, reason) => {
      const failures = vi.spyOn(log, 'logFailure');
      writeFileSync(path, content);
      const error = await appErrorOf(read);
      expect([error.code, error.reason]).toEqual(['configuration_invalid', reason]);
      expect(failures.mock.calls).toEqual([
        ['client_assertion_unusable', error, { reason, file: path, mend: expect.stringContaining(path) }],
      ]);
      expect(`${JSON.stringify(failures.mock.calls)} ${log.describeCauses(error)}`).not.toMatch(/canary/);
      failures.mockRestore();
    },
  );

  it('CA-02: that is not there, or is a folder, is an error too', async () => {
    expect((await appErrorOf(read)).reason).toBe('assertion_file_missing');
    expect((await appErrorOf(() => readAssertionFile(folder))).reason).toBe('assertion_file_denied');
    expect((await appErrorOf(() => readAssertionFile(join(folder, 'a/b')))).reason).toBe(
      'assertion_file_missing',
    );
  });
});
