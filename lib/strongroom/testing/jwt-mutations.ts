/**
 * Ways to spoil a signed token (JWS, compact): its text, its parts, its header, its claims. Test support
 * only.
 * @see RFC 7515, RFC 8725
 */
import fc from 'fast-check';

const characters = [
  '',
  'A',
  '_',
  '-',
  '.',
  '..',
  '=',
  '==',
  '+',
  '/',
  ' ',
  '\n',
  '\u0000',
  'ž',
  '%2e',
  '~',
  '"',
];
const algorithms = [
  ...[
    'none',
    'None',
    'NONE',
    '',
    'HS256',
    'HS512',
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'ES256',
    'ES384',
  ],
  ...['ES256K', 'EdDSA', 'Ed25519', 'RSA-OAEP', 'dir', '__proto__', 'constructor', 7, null, ['RS256'], {}],
];
const evil = 'http://127.0.0.1:9/keys';
const headerChanges: Record<string, unknown>[] = [
  ...algorithms.map((alg) => ({ alg })),
  ...[
    { kid: 'key-2' },
    { kid: '../../etc/passwd' },
    { kid: 7 },
    { kid: '' },
    { jwk: { kty: 'oct', k: 'AA' } },
  ],
  ...[
    { jku: evil },
    { x5u: evil },
    { x5c: ['AA'] },
    { crit: ['exp'] },
    { crit: ['b64'], b64: false },
    { crit: [] },
  ],
  ...[{ zip: 'DEF' }, { enc: 'A256GCM' }, { typ: 'at+jwt' }, { typ: 7 }, { cty: 'JWT' }, { b64: false }],
];
const claimChanges: Record<string, unknown>[] = [
  ...[{ sub: 'admin' }, { sub: ['user-1'] }, { iss: 'https://evil.example' }, { aud: 'other' }, { aud: [] }],
  ...[
    { exp: 1e300 },
    { exp: '9999999999' },
    { iat: -1 },
    { nbf: null },
    { nonce: '' },
    { azp: 'other' },
    { scope: 'admin' },
  ],
];

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

/** Names a key once more, before or after what it says: readers disagree about which one counts. */
function repeatKey(part: string, changes: Record<string, unknown>, isFirst: boolean): string {
  const [own, more] = [Buffer.from(part, 'base64url').toString(), JSON.stringify(changes)];
  return encode(isFirst ? `${more.slice(0, -1)},${own.slice(1)}` : `${own.slice(0, -1)},${more.slice(1)}`);
}

/** A text made from `token`; `others` are good tokens for another purpose or another user. */
export function jwtMutantOf(token: string, others: readonly string[]): fc.Arbitrary<string> {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const position = fc.nat(token.length - 1);
  const piece = fc.oneof(
    fc.constantFrom(...characters),
    fc.string({ maxLength: 3 }),
    fc.base64String({ maxLength: 8 }),
  );
  const otherParts = fc.constantFrom(...others).map((other) => other.split('.'));
  const newHeader = fc
    .constantFrom(...headerChanges)
    .map((changes) => encode({ ...decode(header), ...changes }));
  const newPayload = fc
    .constantFrom(...claimChanges)
    .map((changes) => encode({ ...decode(payload), ...changes }));
  const repeated = (part: string, changes: Record<string, unknown>[]) =>
    fc
      .tuple(fc.constantFrom(...changes), fc.boolean())
      .map(([change, isFirst]) => repeatKey(part, change, isFirst));
  const anySignature = fc.oneof(
    fc.constant(signature),
    fc.constant(''),
    fc.base64String().map((text) => text.replaceAll('=', '')),
  );
  const join = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((some) => some.join('.'));
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(position, fc.nat(2), piece)
        .map(([at, gone, put]) => token.slice(0, at) + put + token.slice(at + gone)),
    },
    fc.tuple(position, position).map(([from, to]) => token.slice(from, to)),
    { weight: 3, arbitrary: join(newHeader, fc.constant(payload), anySignature) },
    { weight: 3, arbitrary: join(fc.constant(header), newPayload, anySignature) },
    join(newHeader, newPayload, anySignature),
    join(repeated(header, headerChanges), fc.constant(payload), fc.constant(signature)),
    join(fc.constant(header), repeated(payload, claimChanges), fc.constant(signature)),
    // Parts of another good token in the place of its own.
    fc
      .tuple(otherParts, fc.nat(2))
      .map(([parts, at]) => [header, payload, signature].with(at, parts[at] ?? '').join('.')),
    fc
      .shuffledSubarray([header, payload, signature, '', header], { minLength: 1 })
      .map((parts) => parts.join('.')),
    fc.constantFrom(
      '',
      '.',
      '..',
      '...',
      '....',
      'null',
      '{}',
      `${token}.`,
      `.${token}`,
      `${token}.${token}`,
      'a'.repeat(200_000),
    ),
    fc.string({ unit: 'binary', maxLength: 100 }),
  );
}

/** Whether both texts are the same token: the last character of base64url may hold bits that say nothing. */
export function isSameToken(one: string, other: string): boolean {
  const signatureOf = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex');
  return one.slice(0, -1) === other.slice(0, -1) && signatureOf(one) === signatureOf(other);
}
