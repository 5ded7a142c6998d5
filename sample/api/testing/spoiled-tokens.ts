/** Ways to spoil an access token (JWS, compact): its text, its parts, its header, its claims. Test support only. @see RFC 8725, RFC 9068 */
import fc from 'fast-check';

const evil = 'http://127.0.0.1:9/keys';
const algorithms = [
  ...['none', 'None', '', 'HS256', 'RS384', 'PS256', 'ES256', 'EdDSA', 'RSA-OAEP', 'dir', '__proto__'],
  ...[7, null, ['RS256'], {}],
];
const headerChanges: Record<string, unknown>[] = [
  ...algorithms.map((alg) => ({ alg })),
  ...['key-2', '../../etc/passwd', '', 7].map((kid) => ({ kid })),
  ...['JWT', '', 7, 'logout+jwt'].map((typ) => ({ typ })),
  ...[{ jwk: { kty: 'oct', k: 'AA' } }, { jku: evil }, { x5u: evil }, { x5c: ['AA'] }],
  ...[{ crit: ['exp'] }, { crit: [] }, { crit: ['b64'], b64: false }, { b64: false }],
  ...[{ zip: 'DEF' }, { enc: 'A256GCM' }, { cty: 'JWT' }],
];
const claimChanges: Record<string, unknown>[] = [
  ...[{ sub: 'admin' }, { sub: ['user-a'] }, { iss: 'https://evil.example' }, { aud: 'other' }, { aud: [] }],
  ...[{ exp: 1e300 }, { exp: '9999999999' }, { iat: -1 }, { nbf: null }, { scope: 'admin' }, { cnf: {} }],
];

const encode = (text: string) => Buffer.from(text).toString('base64url');
const decode = (part: string) => Buffer.from(part, 'base64url').toString();

const changed = (part: string, changes: Record<string, unknown>) =>
  encode(JSON.stringify({ ...JSON.parse(decode(part)), ...changes }));

/** Names a key once more, before or after what it says: readers disagree about which one counts. */
function repeated(part: string, changes: Record<string, unknown>, isFirst: boolean): string {
  const [own, more] = [decode(part), JSON.stringify(changes)];
  return encode(isFirst ? `${more.slice(0, -1)},${own.slice(1)}` : `${own.slice(0, -1)},${more.slice(1)}`);
}

/** A text made from `token`; `others` are good tokens for something or somebody else. */
export function spoiledToken(token: string, others: readonly string[]): fc.Arbitrary<string> {
  const own = token.split('.');
  const [header = '', payload = '', signature = ''] = own;
  const position = fc.nat(token.length - 1);
  const piece = fc.oneof(
    fc.constantFrom('', 'A', '_', '.', '..', '=', '+', '/', '~', '"', ' ', '\n', '\0', 'ž', '%2e'),
    fc.string({ maxLength: 3 }),
    fc.base64String({ maxLength: 8 }),
  );
  const again = (part: string, changes: Record<string, unknown>[]) =>
    fc.tuple(fc.constantFrom(...changes), fc.boolean()).map(([one, isFirst]) => repeated(part, one, isFirst));
  const newHeader = fc.oneof(
    fc.constantFrom(...headerChanges).map((changes) => changed(header, changes)),
    again(header, headerChanges),
  );
  const newPayload = fc.oneof(
    fc.constantFrom(...claimChanges).map((changes) => changed(payload, changes)),
    again(payload, claimChanges),
  );
  const anySignature = fc.constantFrom(signature, '', 'AAAA');
  const join = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((some) => some.join('.'));
  const edited = fc
    .tuple(position, fc.nat(2), piece)
    .map(([at, gone, put]) => token.slice(0, at) + put + token.slice(at + gone));
  return fc.oneof(
    { weight: 6, arbitrary: edited },
    { weight: 3, arbitrary: join(newHeader, fc.constant(payload), anySignature) },
    { weight: 3, arbitrary: join(fc.constant(header), newPayload, anySignature) },
    join(newHeader, newPayload, anySignature),
    fc.tuple(position, position).map(([from, to]) => token.slice(from, to)),
    // Parts of another good token in the place of its own.
    fc
      .tuple(fc.constantFrom(...others), fc.nat(2))
      .map(([other, at]) => own.with(at, other.split('.')[at] ?? '').join('.')),
    fc.shuffledSubarray([...own, '', header], { minLength: 1 }).map((parts) => parts.join('.')),
    fc.constantFrom('', '.', '..', '...', 'null', '{}', `${token}.`, `.${token}`, 'a'.repeat(200_000)),
    fc.string({ unit: 'binary', maxLength: 100 }),
  );
}

/** Whether both texts are the same token: the last character of base64url may hold bits that say nothing. */
export function isSameToken(one: string, other: string): boolean {
  const signatureOf = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url').toString('hex');
  return one.slice(0, -1) === other.slice(0, -1) && signatureOf(one) === signatureOf(other);
}
