/**
 * Responses of the token endpoint that are malformed, late, too large, or say what must not be trusted. @see
 * RFC 6749 §5
 */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe } from 'vitest';
import { type Attack, describeAttacks } from './attacks.ts';
import { borrowWorld } from './borrowed-world.ts';
import { marker } from './invariants.ts';
import type { OutcomeName } from './outcomes.ts';
import type { Reply } from './replies.ts';
import type { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await borrowWorld();
});
afterAll(() => world?.close());

type More = Omit<Partial<Attack>, 'row' | 'attack' | 'outcome'>;

/** The token endpoint replies in this way, and the case ends like this. */
const ends =
  (outcome: OutcomeName) =>
  (row: string, attack: string, token: Reply, more: More = {}): Attack => ({
    row,
    attack,
    fault: { token },
    outcome,
    ...more,
  });
const accepted = ends('signed_in');
const rejected = ends('invalid_response');
const outage = ends('temporarily_unavailable');
const text = (body: Reply['body'], type = 'application/json'): Reply => ({
  body,
  headers: { 'content-type': type },
});
const error = (code: string, status = 400): Reply => ({
  status,
  body: JSON.stringify({ error: code, error_description: `${marker}<script>alert(1)</script>` }),
  headers: { 'www-authenticate': 'Basic realm="x"' },
});

describe('responses to the code exchange', () => {
  const codes: Record<string, OutcomeName> = {
    invalid_grant: 'invalid_grant',
    invalid_request: 'invalid_response',
    invalid_client: 'invalid_client',
    unauthorized_client: 'configuration_invalid',
    unsupported_grant_type: 'configuration_invalid',
    invalid_scope: 'invalid_scope',
    invalid_target: 'invalid_target',
  };
  const unauthenticated = (attack: string, token: Reply) =>
    ends('invalid_client')('TK-04', attack, token, { reason: /^invalid_client$/ });
  const tooLarge = { reason: /^body_too_large$/ };
  describeAttacks(() => world, 'a token response', [
    rejected('TK-02', 'in HTML', text('<h1>x-marker</h1>', 'text/html')),
    rejected(
      'TK-02',
      'whose right JSON is sent as HTML',
      text((right) => right, 'text/html'),
    ),
    rejected(
      'TK-02',
      'whose right JSON has no media type',
      text((right) => right, ''),
    ),
    rejected(
      'TK-02',
      'that is a form, as in OAuth 1,',
      text('access_token=a&token_type=bearer', 'application/x-www-form-urlencoded'),
    ),
    ...['', 'null', '[]', '"text"', '7', '{"access_token":', 'not JSON'].map((body) =>
      rejected('TK-02', body === '' ? 'with an empty body' : `whose body is ${body}`, text(body)),
    ),
    rejected(
      'TK-02',
      'in UTF-16',
      text((right) => Buffer.from(right, 'utf16le')),
    ),
    rejected(
      'TK-02',
      'that is a list with the right one in it',
      text((right) => `[${right}]`),
    ),
    rejected('TK-02', 'with status 201', { status: 201 }),
    rejected('TK-02', 'with status 204', { status: 204, body: '' }),
    ...Object.entries(codes).map(([code, outcome]) =>
      ends(outcome)('TK-03', `with the error ${code}`, error(code)),
    ),
    rejected('TK-03', 'with an unknown error', error(`${marker}`)),
    unauthenticated('with the error invalid_client and status 401', error('invalid_client', 401)),
    unauthenticated('with status 401 and nothing else', { status: 401, body: '' }),
    ...[500, 502, 504].map((status) =>
      outage('TK-05', `with status ${status}`, { status, body: '<h1>x-marker</h1>' }),
    ),
    ...[503, 429].map((status) =>
      outage('TK-05', `with status ${status} and a Retry-After`, {
        status,
        body: '',
        headers: { 'retry-after': '7' },
      }),
    ),
    outage('TK-05', 'with status 408', { status: 408, body: '' }),
    ...[301, 302, 303, 307, 308].map(
      (status): Attack => ({
        ...rejected('TK-06', `that redirects to another server with status ${status}`, {}),
        predicate: 'is rejected as unverified, and not followed',
        fault: ({ sink }) => ({ token: { status, headers: { location: `${sink.origin}/token` } } }),
      }),
    ),
    outage(
      'TK-01',
      'that never comes because the connection closes',
      { manner: 'reset' },
      { predicate: 'is reported as an outage, and the code is not sent again' },
    ),
    outage(
      'TK-01',
      'that breaks off in the middle',
      { manner: 'cut' },
      { predicate: 'is reported as an outage, and the code is not sent again' },
    ),
    accepted('TK-07', 'that is late by a second', { manner: 'late' }),
    rejected(
      'TK-08',
      'of 64 MB',
      text(() => Buffer.alloc(64_000_000, ' ')),
      tooLarge,
    ),
    rejected(
      'TK-08',
      'of 64 MB that are compressed to 64 kB',
      { body: gzipSync(Buffer.alloc(64_000_000)), headers: { 'content-encoding': 'gzip' } },
      tooLarge,
    ),
  ]);
});

describe('members of the token response', () => {
  const describeValue = (name: string, value: unknown) => {
    const shown = JSON.stringify(value);
    if (shown === undefined) return `without ${name}`;
    return shown.length > 60 ? `with ${name} of 100,000 characters` : `with ${name} ${shown}`;
  };
  const members = (
    [row, name]: [row: string, name: string],
    values: unknown[],
    outcome: OutcomeName = 'signed_in',
  ) => values.map((value) => ends(outcome)(row, describeValue(name, value), { members: { [name]: value } }));
  describeAttacks(() => world, 'a token response', [
    ...members(['TK-09', 'token_type'], ['bearer', 'BEARER', 'bEARER']),
    ...members(
      ['TK-09', 'token_type'],
      [undefined, 'mac', 'N_A', 'DPoP', 7, ['Bearer'], ''],
      'invalid_response',
    ),
    ...members(
      ['TK-10', 'access_token'],
      [undefined, '', 7, {}, 'a b', 'a\r\nX: y', 'ž', 'a'.repeat(100_000)],
      'invalid_response',
    ),
    ...members(['TK-11', 'expires_in'], [undefined, '3600', -1, 0, null, 'abc', '3600abc', 2 ** 31]),
    accepted(
      'TK-11',
      'with expires_in 1e300',
      text((right) => right.replace('"expires_in":3600', '"expires_in":1e300')),
    ),
    ...members(['TK-12', 'id_token'], [undefined, null, '', 7, 'a.b', 'a.b.c'], 'invalid_response'),
    ...members(['TK-13', 'scope'], [undefined, 'openid read:contacts read:messages admin']),
    ...members(['TK-13', 'scope'], [7, ['openid'], {}], 'invalid_response'),
    ...members(['TK-14', 'refresh_token'], [undefined, '', null]),
    ...members(['TK-14', 'refresh_token'], [7, ['a'], 'a\nb'], 'invalid_response'),
    rejected(
      'TK-15',
      'with two token types, of which the last one is wrong,',
      text((right) => right.replace(/}$/, ',"token_type":"mac"}')),
    ),
    accepted(
      'TK-15',
      'with two token types, of which the last one is right,',
      text((right) => right.replace('{', '{"token_type":"mac",')),
    ),
    accepted(
      'TK-15',
      'with members that try to set a prototype',
      text((right) =>
        right.replace('{', '{"__proto__":{"token_type":"mac"},"constructor":{"prototype":{"x":1}},'),
      ),
    ),
    accepted(
      'TK-15',
      'with ten thousand levels of nesting',
      text((right) => right.replace('{', `{"deep":${'['.repeat(10_000)}${']'.repeat(10_000)},`)),
    ),
    accepted('TK-16', 'without no-store', { headers: { 'cache-control': '' } }),
    accepted('TK-16', 'in gzip', {
      body: (right) => gzipSync(right),
      headers: { 'content-encoding': 'gzip' },
    }),
    accepted('TK-16', 'in brotli', {
      body: (right) => brotliCompressSync(right),
      headers: { 'content-encoding': 'br' },
    }),
    accepted('TK-16', 'in chunks', { headers: { 'transfer-encoding': 'chunked' } }),
    accepted('TK-16', 'on a connection that closes afterwards', { headers: { connection: 'close' } }),
    accepted('TK-16', 'with unknown members and a cookie', {
      members: { ext: { a: [1] }, session_state: 'x' },
      headers: { 'set-cookie': 'strongroom=evil; Path=/' },
    }),
  ]);
});
