/** The verifier without HTTP around it: ten thousand spoiled tokens, and no verdict that is kept for another token. */
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { budget } from '../testing/fuzz-budget.ts';
import { isSameToken, spoiledToken } from '../testing/spoiled-tokens.ts';
import { buildClaims, createTestKey, signToken, type TestKey } from '../testing/test-authorization-server.ts';
import { KeyRing } from './key-ring.ts';
import { createProofMemory } from './proof-memory.ts';
import { createVerifier, type VerifyAccessToken } from './verify-access-token.ts';

const issuer = 'http://127.0.0.1:1';
const identifier = 'http://127.0.0.1:2';
const use = { method: 'GET', url: `${identifier}/contacts` };
let key: TestKey;
let stranger: TestKey;
let keys: TestKey[];
let atMs: number;
let verify: VerifyAccessToken;
beforeAll(async () => {
  [key, stranger] = await Promise.all([createTestKey('key-1'), createTestKey('key-1')]);
});
beforeEach(() => {
  keys = [key];
  atMs = Date.now();
  const nowMs = () => atMs;
  const load = async () => ({
    server: { issuer, jwks_uri: `${issuer}/jwks` },
    keys: keys.map(({ jwk }) => jwk),
  });
  const proofMemory = createProofMemory({ keepMs: 60_000, nowMs });
  verify = createVerifier({ identifier, keyRing: new KeyRing(load, nowMs), proofMemory, nowMs });
});

const judge = (token: string) => verify({ scheme: 'Bearer', token, proof: null }, use);
const claims = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...buildClaims(issuer, identifier),
  jti: 'jti-1',
  ...changes,
});

describe('garbage', () => {
  test('RS-14: ten thousand spoiled tokens are rejected, each with a reason, and none makes the verifier throw', async () => {
    const own = await signToken({ claims: claims(), key });
    const other = await signToken({ claims: claims({ sub: 'user-b' }), key });
    const forged = await signToken({ claims: claims(), key: stranger });
    const idToken = await signToken({ claims: claims(), header: { typ: 'JWT' }, key });
    expect((await judge(own)).kind).toBe('accepted');
    const run = fc.asyncProperty(spoiledToken(own, [other, forged, idToken]), async (text) => {
      const verdict = await judge(text);
      if (verdict.kind === 'accepted')
        return void expect(isSameToken(text, own) || text === other).toBe(true);
      expect(verdict).toEqual({
        kind: 'refused',
        error: 'invalid_token',
        reason: expect.stringMatching(/^[a-z_0-9]{1,60}$/),
      });
    });
    await fc.assert(run, budget(10_000));
    expect((await judge(own)).kind).toBe('accepted');
  });
});

describe('verdicts', () => {
  test('RS-18: of tokens that differ in one claim alone, each is judged by its own', async () => {
    const variants = [
      {},
      { sub: 'user-b' },
      { scope: 'openid' },
      { scope: 'write:messages' },
      { acr: 'other' },
    ];
    const tokens = await Promise.all(variants.map((changes) => signToken({ claims: claims(changes), key })));
    for (const _round of [1, 2])
      for (const [index, token] of tokens.entries()) {
        const { sub, scope, acr } = claims(variants[index]);
        const caller = { subject: sub, scopes: new Set(String(scope).split(' ')), acr };
        expect(await judge(token)).toMatchObject({ kind: 'accepted', caller });
      }
  });

  test('RS-18: a good token lends nothing to one that shares its header and claims, or all but its end', async () => {
    const [own, forged] = await Promise.all(
      [key, stranger].map((by) => signToken({ claims: claims(), key: by })),
    );
    expect((await judge(own ?? '')).kind).toBe('accepted');
    expect(forged?.split('.').slice(0, 2)).toEqual(own?.split('.').slice(0, 2));
    for (const token of [forged ?? '', `${own?.slice(0, -4)}AAAA`, own?.slice(0, -4) ?? ''])
      expect((await judge(token)).kind).toBe('refused');
  });

  test('RS-18: that were good are not kept: past its end, or without its key, the same token is rejected', async () => {
    const token = await signToken({ claims: claims(), key });
    expect((await judge(token)).kind).toBe('accepted');
    atMs += 311_000;
    expect(await judge(token)).toMatchObject({ kind: 'refused' });
    const fresh = await signToken({ claims: claims({ iat: atMs / 1000, exp: atMs / 1000 + 86_400 }), key });
    expect(await judge(fresh)).toMatchObject({ kind: 'accepted' });
    keys = [];
    // Renewed behind a request, so that the next one knows.
    atMs += 301_000;
    await judge(fresh);
    await Promise.resolve();
    expect(await judge(fresh)).toMatchObject({ kind: 'refused' });
  });
});
