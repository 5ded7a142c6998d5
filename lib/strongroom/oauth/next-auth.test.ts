import { beforeEach, expect, it, vi } from 'vitest';
import type { CookieOptions } from '../session/cookie-jar';
import { newTransactionId } from '../session/sign-in-transaction';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { buildAuthorizationRequest } from './next-auth';

const jar = createTestJar();
/** Where next-auth leaves its checks, and from where they are taken at once. */
vi.mock('next/headers', () => ({
  headers: async () => new Headers(),
  cookies: async () => ({
    set: (name: string, value: string, options: CookieOptions) => jar.write(name, value, options),
  }),
}));

const issuer = 'https://issuer.example';
const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
};
const count = 2_000;
/** Of how many in which a bit is set: six standard deviations to each side, which chance leaves once in a million runs. */
const bounds = [count / 2 - 3 * Math.sqrt(count), count / 2 + 3 * Math.sqrt(count)] as const;

beforeEach(() => useEnvironment());

it('AZ-02, AZ-03: of 2,000 requests no state, nonce, verifier or challenge comes twice, and each of their bits is a coin', async () => {
  const made: Record<'state' | 'nonce' | 'verifier', string[]> = { state: [], nonce: [], verifier: [] };
  const challenges = new Set<string | null>();
  for (let number = 0; number < count; number += 1) {
    const state = newTransactionId();
    const request = { state, scopes: ['openid'], parameters: {} };
    const { url, checks } = await buildAuthorizationRequest(request, jar, async () =>
      Response.json(metadata),
    );
    expect(url.searchParams.get('state')).toBe(state);
    expect(url.href).not.toContain(checks.codeVerifier);
    challenges.add(url.searchParams.get('code_challenge'));
    made.state.push(state);
    made.nonce.push(checks.nonce);
    made.verifier.push(checks.codeVerifier);
  }
  expect(challenges.size).toBe(count);
  for (const [name, texts] of Object.entries(made)) {
    const bytes = texts.map((text) => Buffer.from(text, 'base64url'));
    expect(new Set(texts).size, name).toBe(count);
    expect(new Set(bytes.map(({ length }) => length)), name).toEqual(new Set([name === 'state' ? 16 : 32]));
    expect(findBiasedBits(bytes), name).toEqual([]);
  }
});

it('a bit that is no coin is noticed', () => {
  const even = Array.from({ length: count }, () => crypto.getRandomValues(Buffer.alloc(16)));
  expect(findBiasedBits(even)).toEqual([]);
  for (const bytes of even) bytes[3] = (bytes[3] ?? 0) | 0b100;
  expect(findBiasedBits(even)).toEqual([26]);
});

/** Numbers of the bits that are set too often or too seldom. */
function findBiasedBits(samples: readonly Uint8Array[]): number[] {
  const bits = Array.from({ length: (samples[0]?.length ?? 0) * 8 }, (_, bit) => bit);
  return bits.filter((bit) => {
    const set = samples.filter((bytes) => ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1).length;
    return set < bounds[0] || set > bounds[1];
  });
}
