/**
 * Servers that take a request and do not respond: every user gets a page in time, and other users do not
 * wait.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from '../support/http-browser.ts';
import { createVisitor, type Visitor } from './attacks.ts';
import type { Fault } from './grant.ts';
import { reachCallback, signIn, start, untilTestEnds } from './journey.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
/** The application knows nothing of its server yet, and the server is silent. */
let silent: World;
beforeAll(async () => {
  // The applications lose patience as they do in production.
  const impatient = { NODE_OPTIONS: '' };
  [world, silent] = await Promise.all([
    startWorld(impatient),
    startWorld((server) => {
      server.metadata = { manner: 'silence' };
      return impatient;
    }),
  ]);
});
afterAll(async () => void (await Promise.all([world?.close(), silent?.close()])));

const crowdSize = 50;

type Waiting = Visitor & { visit: Promise<Page> };
type Arrival = Visitor & { callback: URL };

async function approach(fault: Fault): Promise<Arrival> {
  const visitor = createVisitor(world, fault);
  return { ...visitor, callback: await reachCallback(world, visitor.browser) };
}

/** Requests whose pages are still to come. */
let waiting = 0;

function wait(visitor: Visitor, request: Promise<Page>): Waiting {
  waiting += 1;
  const visit = request.finally(() => {
    waiting -= 1;
  });
  // The test looks at a failure later; until then it counts as handled.
  visit.catch(() => {});
  return { ...visitor, visit };
}

/**
 * Each request has a connection of its own: a busy server closes an idle one just when the next request arrives
 * on it, which a real browser would send again.
 */
const ownConnection = { headers: { connection: 'close' } };

const finish = (arrival: Arrival): Waiting =>
  wait(arrival, arrival.browser.visit(arrival.callback, ownConnection));

it('TK-07, TK-17, DI-04: servers that are silent or send a byte a second get every user a page in time, and do not delay other users', {
  timeout: 900_000,
}, async () => {
  const early = createVisitor(silent);
  const nameless = await approach({
    idToken: { claims: { name: undefined } },
    userinfo: { manner: 'silence' },
  });
  const slow = [
    await approach({ token: { manner: 'silence' } }),
    await approach({ token: { manner: 'drip' } }),
  ];
  const crowd: Arrival[] = [];
  for (let count = 0; count < crowdSize; count += 1)
    crowd.push(await approach({ token: { manner: 'silence' } }));
  const other = await approach({});

  const first = wait(early, start(silent, early.browser));
  const withoutName = finish(nameless);
  const withoutTokens = slow.map(finish);
  const withoutResponse = crowd.map(finish);
  // The other user comes once the server holds all of these requests, and is signed in while it still holds
  // some.
  const tokenRequests = 1 + slow.length + crowdSize;
  await expect.poll(() => world.server.countOf('/token'), untilTestEnds).toBe(tokenRequests);
  await observe(world, { browser: other.browser, outcome: 'signed_in', signedIn: other.user }, async () => {
    const page = await other.browser.visit(other.callback, ownConnection);
    expect(waiting).toBeGreaterThan(0);
    return page;
  });

  // Without a userinfo response the page shows the e-mail address.
  const signedIn = { ...nameless.user, name: nameless.user.email };
  await observe(
    world,
    { browser: nameless.browser, outcome: 'signed_in', signedIn },
    () => withoutName.visit,
  );
  const outage = { outcome: 'temporarily_unavailable', signedIn: null } as const;
  for (const { browser, visit } of withoutTokens) await observe(world, { browser, ...outage }, () => visit);
  await observe(silent, { browser: first.browser, ...outage }, () => first.visit);
  const pages = await Promise.all(withoutResponse.map(({ visit }) => visit));
  expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 503));
  await observe(world, { browser: other.browser, outcome: 'signed_in', signedIn: other.user }, () =>
    signIn(world, other.browser),
  );
});
