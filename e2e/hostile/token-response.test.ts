/** Answers of the token endpoint that are no answers, or that say what nobody may believe. @see RFC 6749 §5 */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe } from 'vitest';
import { type Attack, describeAttacks } from './attacks.ts';
import { marker } from './invariants.ts';
import type { OutcomeName } from './outcomes.ts';
import type { Reply } from './replies.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const answered = (
  row: string,
  attack: string,
  token: Reply,
  outcome: OutcomeName,
  more: Partial<Attack> = {},
): Attack => ({
  row,
  attack,
  fault: { token },
  outcome,
  ...more,
});
const text = (body: Reply['body'], type = 'application/json'): Reply => ({
  body,
  headers: { 'content-type': type },
});
const error = (code: string, status = 400): Reply => ({
  status,
  body: JSON.stringify({ error: code, error_description: `${marker}<script>alert(1)</script>` }),
  headers: { 'www-authenticate': 'Basic realm="x"' },
});

describe('an answer to the code exchange that is none', () => {
  const down = (row: string, attack: string, token: Reply) => answered(row, attack, token, 'U-ASDOWN');
  describeAttacks(
    () => world,
    [
      answered('TK-02', 'HTML', text('<h1>x-marker</h1>', 'text/html'), 'U-REJECT'),
      answered(
        'TK-02',
        'the right JSON as HTML',
        text((right) => right, 'text/html'),
        'U-REJECT',
      ),
      answered(
        'TK-02',
        'the right JSON without a type',
        text((right) => right, ''),
        'U-REJECT',
      ),
      answered(
        'TK-02',
        'a form, as OAuth 1 would',
        text('access_token=a&token_type=bearer', 'application/x-www-form-urlencoded'),
        'U-REJECT',
      ),
      ...['', 'null', '[]', '"text"', '7', '{"access_token":', 'not JSON'].map((body) =>
        answered('TK-02', `the body ${JSON.stringify(body)}`, text(body), 'U-REJECT'),
      ),
      answered(
        'TK-02',
        'UTF-16',
        text((right) => Buffer.from(right, 'utf16le')),
        'U-REJECT',
      ),
      answered(
        'TK-02',
        'a list with the right answer in it',
        text((right) => `[${right}]`),
        'U-REJECT',
      ),
      answered('TK-02', '201', { status: 201 }, 'U-REJECT'),
      answered('TK-02', '204', { status: 204, body: '' }, 'U-REJECT'),
      answered('TK-03', 'invalid_grant', error('invalid_grant'), 'U-RESTART'),
      answered('TK-03', 'invalid_request', error('invalid_request'), 'U-REJECT'),
      answered('TK-03', 'an error nobody has heard of', error(`${marker}`), 'U-REJECT'),
      ...[
        'invalid_client',
        'unauthorized_client',
        'unsupported_grant_type',
        'invalid_scope',
        'invalid_target',
      ].map((code) => answered('TK-03', code, error(code), 'U-CONFIG')),
      answered('TK-04', 'invalid_client with 401', error('invalid_client', 401), 'U-CONFIG', {
        reason: /^invalid_client$/,
      }),
      answered('TK-04', '401 without a word', { status: 401, body: '' }, 'U-CONFIG', {
        reason: /^invalid_client$/,
      }),
      ...[500, 502, 504].map((status) => down('TK-05', `${status}`, { status, body: '<h1>x-marker</h1>' })),
      down('TK-05', '503 with a time', { status: 503, body: '', headers: { 'retry-after': '7' } }),
      down('TK-05', '429 with a time', { status: 429, body: '', headers: { 'retry-after': '7' } }),
      down('TK-05', '408', { status: 408, body: '' }),
      ...[301, 302, 303, 307, 308].map(
        (status): Attack => ({
          ...answered('TK-06', `${status} to elsewhere`, {}, 'U-REJECT'),
          fault: ({ sink }) => ({ token: { status, headers: { location: `${sink.origin}/token` } } }),
        }),
      ),
      down('TK-01', 'a connection that closes after the request: the code is not sent again', {
        manner: 'reset',
      }),
      down('TK-01', 'a connection that closes within the answer: the code is not sent again', {
        manner: 'cut',
      }),
      answered('TK-07', 'the right answer, late by a second', { manner: 'late' }, 'U-OK'),
      answered(
        'TK-08',
        '64 MB',
        text(() => Buffer.alloc(64_000_000, ' ')),
        'U-REJECT',
        { reason: /^body_too_large$/ },
      ),
      answered(
        'TK-08',
        '64 MB in 64 kB',
        { body: gzipSync(Buffer.alloc(64_000_000)), headers: { 'content-encoding': 'gzip' } },
        'U-REJECT',
        { reason: /^body_too_large$/ },
      ),
    ],
  );
});

describe('members of the answer', () => {
  const members = (row: string, name: string, values: unknown[], outcome: OutcomeName) =>
    values.map((value) =>
      answered(
        row,
        `${name} ${String(JSON.stringify(value)).slice(0, 30)}`,
        { members: { [name]: value } },
        outcome,
      ),
    );
  const lasts = (body: (right: string) => string) => text(body);
  describeAttacks(
    () => world,
    [
      ...members('TK-09', 'token_type', ['bearer', 'BEARER', 'bEARER'], 'U-OK'),
      ...members('TK-09', 'token_type', [undefined, 'mac', 'N_A', 'DPoP', 7, ['Bearer'], ''], 'U-REJECT'),
      ...members(
        'TK-10',
        'access_token',
        [undefined, '', 7, {}, 'a b', 'a\r\nX: y', 'ž', 'a'.repeat(100_000)],
        'U-REJECT',
      ),
      ...members('TK-11', 'expires_in', [undefined, '3600', -1, 0, null, 'abc', '3600abc', 2 ** 31], 'U-OK'),
      answered(
        'TK-11',
        'expires_in 1e300',
        lasts((right) => right.replace('"expires_in":3600', '"expires_in":1e300')),
        'U-OK',
      ),
      ...members('TK-12', 'id_token', [undefined, null, '', 7, 'a.b', 'a.b.c'], 'U-REJECT'),
      ...members('TK-13', 'scope', [undefined, 'openid read:contacts read:messages admin'], 'U-OK'),
      ...members('TK-13', 'scope', [7, ['openid'], {}], 'U-REJECT'),
      ...members('TK-14', 'refresh_token', [undefined, '', null], 'U-OK'),
      ...members('TK-14', 'refresh_token', [7, ['a'], 'a\nb'], 'U-REJECT'),
      answered(
        'TK-15',
        'the type twice, the last one wrong',
        lasts((right) => right.replace(/}$/, ',"token_type":"mac"}')),
        'U-REJECT',
      ),
      answered(
        'TK-15',
        'the type twice, the last one right',
        lasts((right) => right.replace('{', '{"token_type":"mac",')),
        'U-OK',
      ),
      answered(
        'TK-15',
        'prototypes',
        lasts((right) =>
          right.replace('{', '{"__proto__":{"token_type":"mac"},"constructor":{"prototype":{"x":1}},'),
        ),
        'U-OK',
      ),
      answered(
        'TK-15',
        'ten thousand levels',
        lasts((right) => right.replace('{', `{"deep":${'['.repeat(10_000)}${']'.repeat(10_000)},`)),
        'U-OK',
      ),
      answered('TK-16', 'without no-store', { headers: { 'cache-control': '' } }, 'U-OK'),
      answered(
        'TK-16',
        'gzip',
        { body: (right) => gzipSync(right), headers: { 'content-encoding': 'gzip' } },
        'U-OK',
      ),
      answered(
        'TK-16',
        'brotli',
        { body: (right) => brotliCompressSync(right), headers: { 'content-encoding': 'br' } },
        'U-OK',
      ),
      answered('TK-16', 'in chunks', { headers: { 'transfer-encoding': 'chunked' } }, 'U-OK'),
      answered('TK-16', 'on a connection that closes', { headers: { connection: 'close' } }, 'U-OK'),
      answered(
        'TK-16',
        'members that nobody knows, and cookies',
        {
          members: { ext: { a: [1] }, session_state: 'x' },
          headers: { 'set-cookie': 'strongroom=evil; Path=/' },
        },
        'U-OK',
      ),
    ],
  );
});
