/**
 * Metadata that lies: no sign-in is even begun. A failure is remembered for two seconds and good metadata for minutes, so the lies are dealt to
 * some applications that nobody has signed in to yet, and each of them ends with the truth.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpBrowser, Page } from '../support/http-browser.ts';
import { arrive } from './attacks.ts';
import { callbackOf, start } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import type { Reply } from './replies.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

type Lie = {
  row: string;
  lie: string;
  metadata: Reply | ((world: World) => Reply);
  outcome: OutcomeName;
  /** Nobody listens at all. */
  isAway?: boolean;
  /** What holds besides. */
  also?: (world: World, browser: HttpBrowser) => Promise<void>;
};

const wellKnown = '/.well-known/openid-configuration';
const lie = (
  row: string,
  what: string,
  metadata: Lie['metadata'],
  outcome: OutcomeName = 'U-CONFIG',
): Lie => ({ row, lie: what, metadata, outcome });
const issuer = (what: string, change: (issuer: string) => unknown) =>
  lie('DI-01', `an issuer ${what}`, ({ server }) => ({ members: { issuer: change(server.issuer) } }));
const endpoint = (row: string, name: string, value: unknown) =>
  lie(row, `${name} ${JSON.stringify(value) ?? 'left out'}`, { members: { [name]: value } });

const lies: Lie[] = [
  { ...lie('DI-02', 'a server that is not there yet', {}, 'U-ASDOWN'), isAway: true },
  issuer('with a 1 behind it', (right) => `${right}1`),
  issuer('with a slash behind it', (right) => `${right}/`),
  issuer('in capitals', (right) => right.toUpperCase()),
  issuer('at another host', (right) => right.replace('127.0.0.1', 'localhost')),
  issuer('that is left out', () => undefined),
  lie('DI-04', 'status 404', { status: 404 }),
  lie('DI-04', 'status 500', { status: 500 }, 'U-ASDOWN'),
  lie('DI-04', 'HTML', { body: '<h1>x-marker</h1>', headers: { 'content-type': 'text/html' } }),
  lie('DI-04', '10 MB', { members: { more: 'x'.repeat(10_000_000) } }, 'U-REJECT'),
  lie('DI-04', 'a connection that closes', { manner: 'reset' }, 'U-ASDOWN'),
  lie('TK-06', 'a redirect', ({ sink }) => ({ status: 302, headers: { location: sink.origin } }), 'U-REJECT'),
  endpoint('DI-04', 'token_endpoint', 'http://169.254.169.254/'),
  endpoint('DI-04', 'jwks_uri', 'http://169.254.169.254/'),
  endpoint('DI-04', 'end_session_endpoint', 'javascript:alert(1)'),
  ...[
    'javascript:alert(1)',
    'data:text/html,x',
    'http://evil.example/authorize',
    'http://user:word@127.0.0.1/authorize',
    'https://evil.example/a\r\nX: y',
  ].map((value) => endpoint('AZ-15', 'authorization_endpoint', value)),
  ...['authorization_endpoint', 'token_endpoint', 'jwks_uri'].map((name) =>
    endpoint('DI-06', name, undefined),
  ),
];

/** Believed for minutes: one for each application, at its end. */
const truths: Lie[] = [
  lie(
    'TK-07',
    'right, but for a port where nobody listens',
    { members: { token_endpoint: 'https://127.0.0.1:9/token' } },
    'U-ASDOWN',
  ),
  lie(
    'TK-07',
    'right, but for a host that does not exist',
    // A label longer than 63 characters: the resolver fails by itself, and asks nobody. RFC 1035 §2.3.4
    { members: { token_endpoint: `https://${'x'.repeat(64)}.invalid/token` } },
    'U-ASDOWN',
  ),
  {
    ...lie(
      'DI-02, DI-06',
      'right, without anything that may be missing',
      {
        members: without([
          'userinfo_endpoint',
          'end_session_endpoint',
          'revocation_endpoint',
          'pushed_authorization_request_endpoint',
          'authorization_response_iss_parameter_supported',
          'id_token_signing_alg_values_supported',
        ]),
      },
      'U-OK',
    ),
    also: async (world, browser) => {
      const page = await browser.visit(`${world.appOrigin}/dashboard/access`);
      await observe(world, { browser, outcome: 'U-OUT', signedIn: null }, () =>
        browser.submit(page, /sign-out/),
      );
    },
  },
  {
    ...lie(
      'DI-02, AZ-15',
      'right, with a query in its authorization endpoint',
      ({ server }) => ({ members: { authorization_endpoint: `${server.issuer}/authorize?tenant=1` } }),
      'U-OK',
    ),
    also: async ({ server }) => expect(server.grants.at(-1)?.request.get('tenant')).toBe('1'),
  },
];

function without(names: readonly string[]): Record<string, undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

let worlds: World[] = [];
const told = new Map<Lie, Promise<void>>();
beforeAll(async () => {
  worlds = await Promise.all(truths.map(() => startWorld()));
  worlds.forEach((world, lane) => {
    deal(world, [
      ...lies.filter((_, index) => index % worlds.length === lane),
      ...truths.slice(lane, lane + 1),
    ]);
  });
});
afterAll(async () => void (await Promise.all(worlds.map((world) => world.close()))));

/** One after the other; each test waits for its own. */
function deal(world: World, mine: readonly Lie[]): void {
  let before: Promise<unknown> = Promise.resolve();
  for (const one of mine) {
    const trial = before.then(() => tell(world, one));
    told.set(one, trial);
    before = trial.catch(() => {});
  }
}

async function tell(world: World, { metadata, outcome, isAway = false, also }: Lie): Promise<void> {
  const { person, browser } = arrive(world);
  world.server.metadata = typeof metadata === 'function' ? metadata(world) : metadata;
  if (isAway) await world.server.close();
  const signedIn = outcome === 'U-OK' ? person : null;
  await observe(world, { browser, outcome, signedIn }, async () => {
    const page = await (isAway ? start(world, browser) : askAnew(world, browser));
    const callback = callbackOf(page);
    return callback === null ? page : browser.visit(callback);
  });
  if (isAway) await world.server.reopen();
  await also?.(world, browser);
}

/** Starts a sign-in until the server is asked: what was heard before is forgotten by then. */
async function askAnew(world: World, browser: HttpBrowser): Promise<Page> {
  const before = world.server.countOf(wellKnown);
  for (let count = 0; count < 100; count += 1) {
    const page = await start(world, browser);
    if (world.server.countOf(wellKnown) > before) return page;
    await pause(100);
  }
  throw new Error('The server is not asked again.');
}

describe('metadata', () => {
  it.each(lies)('$row: $lie: $outcome, and no sign-in is begun', async (one) => {
    await told.get(one);
  });

  it.each(truths)('$row: $lie: $outcome, in an application that was lied to before', async (one) => {
    await told.get(one);
  });

  it('AZ-15, DI-01, DI-04, DI-06: after all these lies each server has begun one sign-in: that of its truth', () => {
    expect(worlds.map(({ server }) => server.grants.length)).toEqual(worlds.map(() => 1));
  });
});
