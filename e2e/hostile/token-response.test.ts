/** Answers of the token and userinfo endpoints that are no answers, or that say what nobody may believe. @see RFC 6749 §5 */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpBrowser, Page } from '../support/http-browser.ts';
import { editSession, expireAccessToken } from '../support/seals.ts';
import { type Attack, arrive, describeAttacks } from './attacks.ts';
import type { Fault, Person } from './grant.ts';
import { marker } from './invariants.ts';
import { reachCallback, sessionOf, signIn } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import type { Reply } from './replies.ts';
import { observe } from './trial.ts';
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
        reason: /^token_invalid_client$/,
      }),
      answered('TK-04', '401 without a word', { status: 401, body: '' }, 'U-CONFIG', {
        reason: /^token_invalid_client$/,
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

describe('who it is', () => {
  const asked = (
    attack: string,
    userinfo: Reply,
    outcome: OutcomeName,
    more: Partial<Attack> = {},
  ): Attack => ({
    row: 'TK-17',
    attack,
    fault: { idToken: { claims: { name: undefined } }, userinfo },
    outcome,
    ...more,
  });
  const byEmail = { seenAs: ({ email }: Person) => email };
  const described = (
    attack: string,
    claims: (right: Record<string, unknown>) => Record<string, unknown>,
    more: Partial<Attack> = {},
  ): Attack => ({
    row: 'TK-18',
    attack,
    fault: { idToken: { claims } },
    outcome: 'U-OK',
    ...more,
  });
  const home = async (at: World, browser: HttpBrowser): Promise<Page> => signIn(at, browser, '/dashboard');
  describeAttacks(
    () => world,
    [
      asked('userinfo that is right', {}, 'U-OK'),
      asked('userinfo about somebody else', { members: { sub: 'admin' } }, 'U-REJECT', {
        reason: /^userinfo_sub$/,
      }),
      asked('userinfo about nobody is left out', { members: { sub: undefined } }, 'U-OK', byEmail),
      asked('userinfo that answers 401 is left out', { status: 401, body: '' }, 'U-OK', byEmail),
      asked('userinfo that answers 500 is left out', { status: 500, body: 'x-marker' }, 'U-OK', byEmail),
      asked('userinfo in HTML is left out', text('<h1>x-marker</h1>', 'text/html'), 'U-OK', byEmail),
      asked(
        'unsigned userinfo in a token is left out',
        text('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.', 'application/jwt'),
        'U-OK',
        byEmail,
      ),
      asked('userinfo of 1 MB is left out', { members: { more: 'x'.repeat(1_000_000) } }, 'U-OK', byEmail),
      {
        ...asked('userinfo elsewhere is left out', {}, 'U-OK', byEmail),
        row: 'TK-06',
        fault: ({ sink }) => ({
          idToken: { claims: { name: undefined } },
          userinfo: { status: 307, headers: { location: `${sink.origin}/userinfo` } },
        }),
      },
      described('a name of 40 kB is cut', (right) => ({
        ...right,
        name: `${right.name}${'x'.repeat(40_000)}`,
      })),
      described('a name that runs backwards runs forwards', (right) => ({
        ...right,
        name: `\u202e${right.name}`,
      })),
      described('a name with a family in one character', (right) => ({
        ...right,
        name: `${right.name} 👩‍👩‍👧‍👦`,
      })),
      described(
        'a name that is no text is left out',
        (right) => ({ ...right, name: { toString: 'x' } }),
        byEmail,
      ),
      described(
        'a picture that is a script is left out',
        (right) => ({ ...right, picture: 'javascript:alert(1)//x-marker' }),
        { act: home, lacks: /x-marker/ },
      ),
      described(
        'a picture that is data is left out',
        (right) => ({ ...right, picture: 'data:text/html,x-marker' }),
        { act: home, lacks: /x-marker/ },
      ),
    ],
  );

  it('TK-19: the same e-mail address under another subject is somebody else, who gets nothing of the first', async () => {
    const first = arrive(world);
    await signIn(world, first.browser);
    const [before, given] = [
      sessionOf(world, first.browser),
      world.server.grants.at(-1)?.refreshTokens[0] ?? '',
    ];
    const second = arrive(world);
    Object.assign(second.person, { email: first.person.email });
    const trial = { browser: first.browser, outcome: 'U-OK' as const, signedIn: second.person };
    await observe(world, trial, () => signIn(world, first.browser));
    expect(sessionOf(world, first.browser)).not.toBe(before);
    await expect.poll(() => world.server.revoked).toContain(given);
  });
});

describe('what follows from the answer', () => {
  const enter = async (fault: Fault) => {
    const { person, browser } = arrive(world, fault);
    await signIn(world, browser);
    return { person, browser };
  };
  const visit = (browser: HttpBrowser, path: string) => browser.visit(world.appOrigin + path);

  it('TK-11: a token that lives for a second is renewed at most once for each page', async () => {
    const { person, browser } = await enter({
      token: { members: { expires_in: 1 } },
      refresh: { members: { expires_in: 1 } },
    });
    for (let count = 0; count < 3; count += 1) {
      await expireAccessToken(world, browser);
      const from = world.server.countOf('/token');
      await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () =>
        visit(browser, '/dashboard/messages'),
      );
      // The page, and the one that every trial ends with.
      expect(world.server.countOf('/token') - from).toBeLessThanOrEqual(2);
    }
  });

  it('TK-11: a lifetime that is no number is five minutes, and one without end is a week', async () => {
    for (const [value, lifetimeSec] of [
      ['abc', 300],
      [2 ** 31, 7 * 86_400],
    ] as const) {
      const { browser } = await enter({ token: { members: { expires_in: value } } });
      await editSession(world, browser, (session) => {
        const { expiresAtSec, obtainedAtSec } = session.tokens as Record<string, number>;
        expect(Number(expiresAtSec) - Number(obtainedAtSec)).toBe(lifetimeSec);
        return session;
      });
    }
  });

  it('TK-13: with fewer permissions the page of the missing one asks for it', async () => {
    const { person, browser } = await enter({ token: { members: { scope: 'openid read:messages' } } });
    world.answerApi = (path) =>
      path.startsWith('/contacts')
        ? {
            status: 403,
            headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="read:contacts"' },
          }
        : null;
    const page = await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () =>
      visit(browser, '/dashboard/contacts'),
    );
    world.answerApi = null;
    expect(page.html).toMatch(/This needs the extra permission/);
  });

  it('TK-14: without a refresh token the session lasts as long as its token, and then asks to sign in', async () => {
    const { browser } = await enter({ token: { members: { refresh_token: undefined } } });
    await expireAccessToken(world, browser);
    const from = world.server.countOf('/token');
    await observe(world, { browser, outcome: 'U-AGAIN', signedIn: null }, () =>
      visit(browser, '/dashboard/messages'),
    );
    expect(world.server.countOf('/token')).toBe(from);
  });

  it('TK-07: a server that is gone when the code is exchanged is told as such, and the next sign-in works', async () => {
    const { person, browser } = arrive(world);
    const callback = await reachCallback(world, browser);
    await world.server.close();
    await observe(world, { browser, outcome: 'U-ASDOWN', signedIn: null }, () => browser.visit(callback));
    await world.server.reopen();
    await observe(world, { browser, outcome: 'U-OK', signedIn: person }, () => signIn(world, browser));
  });
});
