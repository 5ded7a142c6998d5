/**
 * Arbitrary metadata and profiles of an authorization server are read safely, or rejected with a code. DI-06,
 * TK-15, TK-17
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budget } from '../testing/fuzz-budget';
import { readMetadata } from './metadata-document';
import { describeUser } from './profile';

const issuer = 'https://issuer.example';
const good = {
  issuer,
  ...{
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
  },
};
const addresses = [
  ...[
    'javascript:alert(1)',
    'http://issuer.example/x',
    'https://user:secret@issuer.example/',
    'https://127.0.0.1/',
    'https://[::1]/',
  ],
  ...[
    '//evil.example',
    'https://issuer.example/#x',
    'https://issuer.example/ x',
    'https://issuer.example/\n',
    'http://localhost/',
    '',
  ],
];
const strange = fc.oneof(
  fc.constantFrom<unknown>(
    ...addresses,
    null,
    7,
    true,
    [],
    {},
    'a'.repeat(100_000),
    '\u202egnp',
    '\ud800',
    '<b>x</b>',
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.webUrl(),
);
const names = [
  ...Object.keys(good),
  'userinfo_endpoint',
  'end_session_endpoint',
  'revocation_endpoint',
  '__proto__',
  'constructor',
];
/** Parsed from a text, like a document that comes over the wire. */
const documentOf = (base: object, members: string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...members), strange), { maxLength: 4 }).map((changes): unknown => {
    const all = [...Object.entries(base), ...changes];
    return JSON.parse(
      `{${all.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value) ?? 'null'}`).join(',')}}`,
    );
  });

describe('arbitrary documents', () => {
  it('DI-06, TK-15: as metadata give safe addresses of our issuer, or an error with a code', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 5, arbitrary: documentOf(good, names) }, fc.jsonValue()), (document) => {
        const read = readMetadata(document, { issuer, internalUrl: null, endpoints: {} });
        if (read.kind === 'rejected') {
          expect(read.received.length).toBeLessThanOrEqual(200);
          return void expect(read.reason).toMatch(/^metadata_\w{1,60}$/);
        }
        const result = read.metadata;
        taken += 1;
        expect([result.issuer, Object.getPrototypeOf(result)]).toEqual([issuer, Object.prototype]);
        for (const [name, value] of Object.entries(result)) {
          if (typeof value !== 'string' || name === 'issuer') continue;
          const { protocol, username, password, hostname } = new URL(value);
          expect([protocol, username, password]).toEqual(['https:', '', '']);
          expect(hostname).not.toMatch(/^(localhost|127\.0\.0\.1|\[.*)$/);
        }
      }),
      budget(2_000),
    );
    expect(taken).toBeGreaterThan(100);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('TK-17: as a profile give bounded plain text, and a picture only by http or https', () => {
    const claims = ['name', 'preferred_username', 'email', 'picture', 'sub', 'iss', '__proto__'];
    fc.assert(
      fc.property(documentOf({ name: 'Ada' }, claims), (profile) => {
        const user = describeUser({ iss: issuer, sub: 'user-1' }, profile as Record<string, unknown>);
        expect([user.issuer, user.subject]).toEqual([issuer, 'user-1']);
        for (const text of [user.name, user.email]) {
          if (text === null) continue;
          expect([...text].length).toBeLessThanOrEqual(320);
          expect(text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]|^\s*$/u);
        }
        if (user.picture !== null) expect(new URL(user.picture).protocol).toMatch(/^https?:$/);
      }),
      budget(1_000),
    );
  });
});
