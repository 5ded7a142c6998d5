/**
 * Metadata that lies: no sign-in even starts. The application keeps a failure for two seconds and good
 * metadata for minutes, so the lies are spread over several applications to which no user has signed in yet,
 * and each of them ends with the truth.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpBrowser, Page } from '../support/http-browser.ts';
import { createVisitor } from './attacks.ts';
import { callbackOf, start } from './journey.ts';
import { type OutcomeName, outcomes } from './outcomes.ts';
import type { Reply } from './replies.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

type Lie = {
  row: string;
  /** What is special about the metadata. */
  lie: string;
  metadata: Reply | ((world: World) => Reply);
  outcome: OutcomeName;
  /** No server listens at all. */
  isAway?: boolean;
  /** What else must hold. */
  also?: (world: World, browser: HttpBrowser) => Promise<void>;
};

const wellKnown = '/.well-known/openid-configuration';
const ends =
  (outcome: OutcomeName) =>
  (row: string, what: string, metadata: Lie['metadata']): Lie => ({ row, lie: what, metadata, outcome });
const misconfigured = ends('configuration_invalid');
const rejected = ends('invalid_response');
const outage = ends('temporarily_unavailable');
const accepted = ends('signed_in');
const issuer = (what: string, change: (issuer: string) => unknown) =>
  misconfigured('DI-01', what, ({ server }) => ({ members: { issuer: change(server.issuer) } }));
const endpoint = (row: string, name: string, value: string) =>
  misconfigured(row, `with ${name} ${JSON.stringify(value)}`, { members: { [name]: value } });

const lies: Lie[] = [
  { ...outage('DI-02', 'of a server that is not there yet', {}), isAway: true },
  issuer('with a 1 behind the issuer', (right) => `${right}1`),
  issuer('with a slash behind the issuer', (right) => `${right}/`),
  issuer('with the issuer in capitals', (right) => right.toUpperCase()),
  issuer('with another host in the issuer', (right) => right.replace('127.0.0.1', 'localhost')),
  issuer('without an issuer', () => undefined),
  misconfigured('DI-04', 'with status 404', { status: 404 }),
  outage('DI-04', 'with status 500', { status: 500 }),
  misconfigured('DI-04', 'in HTML', {
    body: '<h1>x-marker</h1>',
    headers: { 'content-type': 'text/html' },
  }),
  rejected('DI-04', 'of 10 MB', { members: { more: 'x'.repeat(10_000_000) } }),
  outage('DI-04', 'whose connection closes', { manner: 'reset' }),
  rejected('TK-06', 'that redirects to another server', ({ sink }) => ({
    status: 302,
    headers: { location: sink.origin },
  })),
  endpoint('DI-04', 'token_endpoint', 'http://169.254.169.254/'),
  endpoint('DI-04', 'jwks_uri', 'http://169.254.169.254/'),
  ...[
    'javascript:alert(1)',
    'data:text/html,x',
    'http://evil.example/authorize',
    'http://user:word@127.0.0.1/authorize',
    'https://evil.example/a\r\nX: y',
  ].map((value) => endpoint('AZ-15', 'authorization_endpoint', value)),
  ...['authorization_endpoint', 'token_endpoint', 'jwks_uri'].map((name) =>
    misconfigured('DI-06', `without ${name}`, { members: { [name]: undefined } }),
  ),
];

/** Good metadata, which is kept for minutes: one for each application, at its end. */
const truths: Lie[] = [
  outage('TK-07', 'whose token endpoint is a port on which no server listens', {
    members: { token_endpoint: 'https://127.0.0.1:9/token' },
  }),
  outage('TK-07', 'whose token endpoint is a host that does not exist', {
    // A label longer than 63 characters: the resolver rejects it by itself and asks no other server. RFC 1035
    // §2.3.4
    members: { token_endpoint: `https://${'x'.repeat(64)}.invalid/token` },
  }),
  {
    ...accepted('DI-02, DI-06', 'with only the required members', {
      members: without([
        'userinfo_endpoint',
        'end_session_endpoint',
        'revocation_endpoint',
        'pushed_authorization_request_endpoint',
        'authorization_response_iss_parameter_supported',
        'id_token_signing_alg_values_supported',
      ]),
    }),
    also: signOutAgain,
  },
  {
    ...accepted('DI-04, DI-06', 'whose optional members are all unusable', {
      members: {
        userinfo_endpoint: 'http://userinfo.example/',
        end_session_endpoint: null,
        revocation_endpoint: '',
        pushed_authorization_request_endpoint: 'javascript:alert(1)',
        require_pushed_authorization_requests: 'no',
        authorization_response_iss_parameter_supported: null,
      },
    }),
    also: signOutAgain,
  },
  {
    ...accepted('DI-04', 'whose end_session_endpoint is a script', {
      members: { end_session_endpoint: 'javascript:alert(1)' },
    }),
    also: signOutAgain,
  },
  accepted('DI-04', 'that moved within its origin', {
    status: 301,
    headers: { location: '/moved-metadata' },
    body: '',
  }),
  {
    ...accepted('DI-02, AZ-15', 'with a query in the authorization endpoint', ({ server }) => ({
      members: { authorization_endpoint: `${server.issuer}/authorize?tenant=1` },
    })),
    also: async ({ server }) => expect(server.grants.at(-1)?.request.get('tenant')).toBe('1'),
  },
];

async function signOutAgain(world: World, browser: HttpBrowser): Promise<void> {
  const page = await browser.visit(`${world.appOrigin}/dashboard/access`);
  await observe(world, { browser, outcome: 'signed_out', signedIn: null }, () =>
    browser.submit(page, /sign-out/),
  );
}

function without(names: readonly string[]): Record<string, undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

let worlds: World[] = [];
const trials = new Map<Lie, Promise<void>>();
beforeAll(async () => {
  worlds = await Promise.all(
    truths.map(() =>
      startWorld((server) => {
        // The application asks when it starts, and must learn nothing yet.
        server.metadata = { status: 503 };
        // What the address of a request holds can be read only while requests are not pushed.
        return { AUTH_PAR: 'when-required' };
      }),
    ),
  );
  worlds.forEach((world, number) => {
    startTrials(world, [
      ...lies.filter((_, index) => index % worlds.length === number),
      ...truths.slice(number, number + 1),
    ]);
  });
});
afterAll(async () => void (await Promise.all(worlds.map((world) => world.close()))));

/** Runs the trials of one application one after the other. Each test waits for its own trial. */
function startTrials(world: World, mine: readonly Lie[]): void {
  let before: Promise<unknown> = Promise.resolve();
  for (const one of mine) {
    const trial = before.then(() => tryMetadata(world, one));
    trials.set(one, trial);
    before = trial.catch(() => {});
  }
}

async function tryMetadata(world: World, { metadata, outcome, isAway = false, also }: Lie): Promise<void> {
  const { user, browser } = createVisitor(world);
  world.server.metadata = typeof metadata === 'function' ? metadata(world) : metadata;
  if (isAway) await world.server.close();
  const signedIn = outcome === 'signed_in' ? user : null;
  await observe(world, { browser, outcome, signedIn }, async () => {
    const page = await (isAway ? start(world, browser) : startUntilAsked(world, browser));
    const callback = callbackOf(page);
    return callback === null ? page : browser.visit(callback);
  });
  if (isAway) await world.server.reopen();
  await also?.(world, browser);
}

/** Waits for the trial of one lie, which fails as the trial did. */
async function resultOf(one: Lie): Promise<void> {
  const trial = trials.get(one);
  if (trial === undefined) throw new Error('This trial was not started.');
  await trial;
}

/**
 * Starts sign-ins until one of them fetches the metadata, because the application no longer keeps the failure
 * of before.
 */
async function startUntilAsked(world: World, browser: HttpBrowser): Promise<Page> {
  const before = world.server.countOf(wellKnown);
  for (;;) {
    const page = await start(world, browser);
    if (world.server.countOf(wellKnown) > before) return page;
    await pause(100);
  }
}

describe('metadata', () => {
  // Not `it.each`: it would cut the words of a title after forty characters.
  for (const one of lies)
    it(`${one.row}: before a sign-in starts, metadata ${one.lie} ${outcomes[one.outcome].predicate}`, () =>
      resultOf(one));

  for (const one of truths)
    it(`${one.row}: after many lies, metadata ${one.lie} ${outcomes[one.outcome].predicate}`, () =>
      resultOf(one));

  it('AZ-15, DI-01, DI-04, DI-06: each server has started one sign-in after all these lies, the one with the truth', () => {
    expect(worlds.map(({ server }) => server.grants.length)).toEqual(worlds.map(() => 1));
  });
});
