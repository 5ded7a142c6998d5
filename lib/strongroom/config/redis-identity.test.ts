import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { parseConfig } from './parse-config';

const read = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../e2e/hostile/tls', `${name}.pem`), 'utf8');
const [certificate, key] = [read('right'), read('test-only-key')];
const fold = (pem: string) => pem.replaceAll('\n', '\\n');
const parse = (changes: Record<string, string>) =>
  parseConfig({ ...goodEnvironment, REDIS_URL: 'rediss://cache', ...changes }, testDeclaration);

describe('the certificate of this client for Redis', () => {
  it.each([certificate + key, key + certificate, fold(certificate + key)])('OP-01: is read', (text) => {
    const parsed = parse({ REDIS_TLS_CLIENT: text });
    expect(parsed.kind === 'ok' ? parsed.config.redisIdentity : parsed).toContain('\n-----END');
  });

  it.each([
    [certificate, 'holds no private key'],
    [key, 'holds no certificate'],
    [certificate + key.replace('PRIVATE', 'ENCRYPTED PRIVATE'), 'holds no private key'],
    [certificate.replaceAll('\n', ' ') + key, 'holds no certificate'],
    ['client.pem', 'holds no certificate'],
  ])('OP-01: that cannot be used is rejected, and nothing of it is said', (text, problem) => {
    const parsed = parse({ REDIS_TLS_CLIENT: text });
    const problems = parsed.kind === 'problems' ? parsed.problems : [];
    expect(problems).toEqual([{ variable: 'REDIS_TLS_CLIENT', problem: expect.stringContaining(problem) }]);
    expect(JSON.stringify(problems)).not.toMatch(/MII/);
  });

  it('OP-01: needs a Redis by TLS', () => {
    const parsed = parse({ REDIS_TLS_CLIENT: certificate + key, REDIS_URL: 'redis://cache' });
    expect(parsed).toMatchObject({ kind: 'problems', problems: [{ variable: 'REDIS_TLS_CLIENT' }] });
  });
});
