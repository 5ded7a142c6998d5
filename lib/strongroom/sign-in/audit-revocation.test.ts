import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getConfig } from '../config/config';
import { pseudonymOf } from '../session/user-pseudonym';
import { useEnvironment as setEnvironment } from '../testing/environment';
import { auditRevocation } from './audit-revocation';

let folder: string;
const records = () =>
  readFileSync(join(folder, 'audit.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const setUp = (changes: Record<string, string | undefined> = {}) =>
  setEnvironment({ AUDIT_LOG: `file:${join(folder, 'audit.jsonl')}`, ...changes });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('sessions that an operator revokes', () => {
  it('OP-03: are a record of the audit log, which names the user as its other records do', async () => {
    setUp();
    expect(await auditRevocation('usr_1')).toBeNull();
    const ofUser = pseudonymOf({ issuer: getConfig().issuer, subject: 'usr_1' });
    expect(records()).toMatchObject([
      { event: 'sessions_revoked', outcome: 'success', actor: {}, details: { ofUser } },
    ]);
    expect(JSON.stringify(records())).not.toContain('usr_1');
  });

  it('have the subject in their record where the operator wants that', async () => {
    setUp({ AUDIT_LOG_USERS: 'subject' });
    expect(await auditRevocation('usr_1')).toBeNull();
    expect(records()).toMatchObject([{ details: { ofSubject: 'usr_1' } }]);
  });

  it.each([
    ['the environment of the application is not there', { AUTH_SECRET: undefined }, /AUTH_SECRET is not set/],
    ['the file cannot be written', { AUDIT_LOG: 'file:/no-such-folder/a' }, /make the folder/],
    ['nothing listens at the collector', { AUDIT_LOG: 'http://127.0.0.1:9' }, /address in AUDIT_LOG/],
  ])('have none when %s, which is said', async (_what, changes, words) => {
    setUp(changes);
    expect(await auditRevocation('usr_1')).toMatch(words);
  });
});
