/** One case: somebody does something, and afterwards every invariant holds. Nothing else in this folder asserts them. */
import { expect } from 'vitest';
import { describeAnswer, type HttpBrowser, type Page } from '../support/http-browser.ts';
import type { Secret } from '../support/leaks.ts';
import { openSeal } from '../support/seals.ts';
import { partyHeader } from './authorization-server.ts';
import { type Grant, type Person, secretsOf, statesOf } from './grant.ts';
import { type Evidence, findBreaches, referenceOn } from './invariants.ts';
import { sessionOf, transactionsOf } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import { grantOfAccessToken } from './server-state.ts';
import type { World } from './world.ts';

export type Trial = {
  browser: HttpBrowser;
  /** Null for a case that ends on no page. */
  outcome: OutcomeName | null;
  /** Who is signed in afterwards. */
  signedIn: Person | null;
  /** The session that is there must stay as it is, byte by byte. */
  isKept?: boolean;
  /** Sign-ins that may be open afterwards. */
  openTransactions?: number;
};

export async function observe<Revocation extends Page | undefined>(
  world: World,
  { browser, outcome, signedIn, isKept = false, openTransactions = 0 }: Trial,
  act: () => Promise<Revocation>,
): Promise<Revocation> {
  const { app, api, server, other, sink } = world;
  const tokensBefore = api.tokens.length;
  const before = sessionOf(world, browser);
  const startedMs = Date.now();
  const ending = await act();
  const page = ending ?? null;
  const durationMs = Date.now() - startedMs;
  const transactions = { left: transactionsOf(world, browser).length, allowed: openTransactions };
  const after = sessionOf(world, browser);
  const verifiers = await readVerifiers(world, browser);
  const home = await browser.visit(`${world.appOrigin}/dashboard`);
  const healthMs = await timeHealth(world, browser);
  const evidence: Evidence = {
    outcome,
    page,
    durationMs,
    home,
    signedIn,
    session: { before, after, isKept },
    transactions,
    received: browser.received.flatMap((answer) => ofApplication(world, answer)),
    secrets: [...listGrants(world, browser, signedIn).flatMap(secretsOf), ...verifiers, ...ownSecrets(world)],
    unlogged: server.grants.slice(-50).flatMap(statesOf),
    lines: app.lines.slice(world.judgedLines),
    isReferenceLogged: isLogged(world, page),
    healthMs,
    grownMb: app.grownMb(),
    apiOwners: api.tokens.slice(tokensBefore).map((header) => ownerOf(world, header)),
    strangers: [...sink.requests.splice(0), ...other.requests.splice(0)],
    oracle: server.oracle.breaches.splice(0),
  };
  world.judgedLines += evidence.lines.length;
  expect(findBreaches(evidence), evidence.lines.join('\n')).toEqual([]);
  return ending;
}

/** The answer to a request that no browser sent, or not as it sends it: it is judged with those of `browser`. */
export async function hear(browser: HttpBrowser, response: Response): Promise<Response> {
  browser.received.push(describeAnswer(response.headers, await response.text()));
  return response;
}

function isLogged({ app }: World, page: Page | null): boolean {
  const reference = page === null ? '' : `"reference":"${referenceOn(page)}"`;
  return app.lines.some((line) => line.includes(reference));
}

async function timeHealth({ appOrigin }: World, browser: HttpBrowser): Promise<number | null> {
  const startedMs = performance.now();
  const health = await browser.visit(`${appOrigin}/healthz`).catch(() => null);
  return health?.status === 200 ? Math.round(performance.now() - startedMs) : null;
}

/** Those of whoever is signed in, those that this browser was in, and the newest. */
function listGrants({ server }: World, { received }: HttpBrowser, signedIn: Person | null): Grant[] {
  const isKnown = ({ person, code }: Grant) =>
    person.sub === signedIn?.sub || received.some((answer) => answer.includes(code));
  return server.grants.filter((grant, index) => index >= server.grants.length - 2 || isKnown(grant));
}

/** What passes the browser by design, in addresses of the authorization server alone. @see docs/security.md */
const byDesign = /([?&](?:nonce|id_token_hint)=)[^&\s]*/g;

/** Without what the authorization server sent itself. */
function ofApplication({ server }: World, answer: string): string[] {
  const [[name, value] = []] = Object.entries(partyHeader);
  if (answer.includes(`${name}: ${value}`)) return [];
  const isThere = (line: string) => line.startsWith(`location: ${server.issuer}/`);
  return [answer.replace(/^location: .*$/m, (line) => (isThere(line) ? line.replace(byDesign, '$1') : line))];
}

/** The verifier of every sign-in that this browser was given, sent or not: it is in the sealed cookie. */
async function readVerifiers({ secrets }: World, { received }: HttpBrowser): Promise<Secret[]> {
  const seals = received.flatMap(
    (answer) => answer.match(/(?<=strongroom-transaction-[\w-]{22}=)Fe26[^;\s]+/g) ?? [],
  );
  const transactions = await Promise.all(
    seals.map((seal) => openSeal('transaction', secrets.appSecret, seal)),
  );
  return transactions.map(({ codeVerifier }) => ({ name: 'code verifier', value: String(codeVerifier) }));
}

function ownSecrets({ secrets }: World): Secret[] {
  return [
    { name: 'client secret', value: secrets.clientSecret },
    { name: 'AUTH_SECRET', value: secrets.appSecret },
  ];
}

function ownerOf({ server }: World, header: string): string | null {
  return grantOfAccessToken(server, header.replace(/^Bearer /, ''))?.person.sub ?? null;
}
