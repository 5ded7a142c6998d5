/**
 * One case: a user does something, and every invariant holds afterwards. Nothing else in this folder asserts
 * the invariants.
 */
import { expect } from 'vitest';
import { describeResponse, type HttpBrowser, type Page } from '../support/http-browser.ts';
import type { Secret } from '../support/leaks.ts';
import { openSeal } from '../support/seals.ts';
import { partyHeader } from './authorization-server.ts';
import { type Grant, secretsOf, statesOf, type User } from './grant.ts';
import { type Evidence, findBreaches, referenceOn } from './invariants.ts';
import { sessionOf, transactionsOf } from './journey.ts';
import type { OutcomeName } from './outcomes.ts';
import { grantOfAccessToken } from './server-state.ts';
import type { World } from './world.ts';

export type Trial = {
  browser: HttpBrowser;
  /** Null for a case that does not end on a page. */
  outcome: OutcomeName | null;
  /** Who is signed in afterwards. */
  signedIn: User | null;
  /** The session that is there must stay as it is, byte by byte. */
  isKept?: boolean;
  /** Sign-in transactions that may be open afterwards. */
  openTransactions?: number;
};

export async function observe<Result extends Page | undefined>(
  world: World,
  { browser, outcome, signedIn, isKept = false, openTransactions = 0 }: Trial,
  act: () => Promise<Result>,
): Promise<Result> {
  const { app, api, server, other, sink } = world;
  const tokensBefore = api.tokens.length;
  const before = sessionOf(world, browser);
  const [heardBefore, receivedBefore] = [server.requests.length, browser.received.length];
  const result = await act();
  const page = result ?? null;
  const requests = server.requests.slice(heardBefore).filter((line) => !isOfBrowser(line)).length;
  const responses = browser.received.length - receivedBefore;
  const transactions = { left: transactionsOf(world, browser).length, allowed: openTransactions };
  const after = sessionOf(world, browser);
  const verifiers = await readVerifiers(world, browser);
  const home = await browser.visit(`${world.appOrigin}/dashboard`);
  const isHealthy = await checkHealth(world, browser);
  const evidence: Evidence = {
    outcome,
    page,
    traffic: { requests, responses },
    home,
    signedIn,
    session: { before, after, isKept },
    transactions,
    received: browser.received.flatMap((response) => ofApplication(world, response)),
    secrets: [...listGrants(world, browser, signedIn).flatMap(secretsOf), ...verifiers, ...ownSecrets(world)],
    unlogged: server.grants.slice(-50).flatMap(statesOf),
    lines: app.lines.slice(world.checkedLines),
    isReferenceLogged: isLogged(world, page),
    isHealthy,
    grownMb: app.grownMb(),
    apiOwners: api.tokens.slice(tokensBefore).map((header) => ownerOf(world, header)),
    unexpectedRequests: [...sink.requests.splice(0), ...other.requests.splice(0)],
    oracle: server.oracle.breaches.splice(0),
  };
  world.checkedLines += evidence.lines.length;
  expect(findBreaches(evidence), evidence.lines.join('\n')).toEqual([]);
  return result;
}

/**
 * Adds the response to a request that no browser sends, or not in that way: it is checked like those that
 * `browser` received.
 */
export async function recordResponse(browser: HttpBrowser, response: Response): Promise<Response> {
  browser.received.push(describeResponse(response.headers, await response.text()));
  return response;
}

function isLogged({ app }: World, page: Page | null): boolean {
  const reference = page === null ? '' : `"reference":"${referenceOn(page)}"`;
  return app.lines.some((line) => line.includes(reference));
}

/** A process that hangs is one for which the browser gives up waiting. */
async function checkHealth({ appOrigin }: World, browser: HttpBrowser): Promise<boolean> {
  const health = await browser.visit(`${appOrigin}/healthz`).catch(() => null);
  return health?.status === 200;
}

/** What the browser asks the authorization server itself. The application sends the rest. */
function isOfBrowser(line: string): boolean {
  return / \/(?:authorize|logout)$/.test(line);
}

/** The grants of the user who is signed in, those that this browser took part in, and the newest ones. */
function listGrants({ server }: World, { received }: HttpBrowser, signedIn: User | null): Grant[] {
  const isKnown = ({ user, code }: Grant) =>
    user.sub === signedIn?.sub || received.some((response) => response.includes(code));
  return server.grants.filter((grant, index) => index >= server.grants.length - 2 || isKnown(grant));
}

/**
 * What passes through the browser by design, and only in addresses of the authorization server. @see
 * docs/security.md
 */
const byDesign = /([?&;](?:nonce|id_token_hint)=)[^&\s]*/g;

/** Leaves out what the authorization server itself sent. */
function ofApplication({ server }: World, response: string): string[] {
  const [[name, value] = []] = Object.entries(partyHeader);
  if (response.includes(`${name}: ${value}`)) return [];
  const addresses = new RegExp(`(?<=^location: |url=|href=")${server.issuer}/[^"\\s]*`, 'gm');
  return [response.replaceAll(addresses, (address) => address.replaceAll(byDesign, '$1'))];
}

/**
 * The verifier of every transaction that this browser was given, whether it was sent or not: the sealed
 * cookie contains it.
 */
async function readVerifiers({ secrets }: World, { received }: HttpBrowser): Promise<Secret[]> {
  const seals = received.flatMap(
    (response) => response.match(/(?<=strongroom-transaction-[\w-]{22}=)Fe26[^;\s]+/g) ?? [],
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
  return grantOfAccessToken(server, header.replace(/^(?:Bearer|DPoP) /, ''))?.user.sub ?? null;
}
