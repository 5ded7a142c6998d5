/** Servers that take a request and do not answer it: everybody gets their page in time, and nobody else waits. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from '../support/http-browser.ts';
import { arrive, type Resident } from './attacks.ts';
import type { Fault } from './grant.ts';
import { reachCallback, signIn } from './journey.ts';
import { observe, type Trial } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const crowdSize = 50;
const unnamed = { idToken: { claims: { name: undefined } } };
const silences: Fault[] = [{ token: { manner: 'silence' } }, { token: { manner: 'drip' } }];

/** The visit to the callback is under way, and its answer is not there yet. */
async function begin(fault: Fault): Promise<Resident & { visit: Promise<Page> }> {
  const { person, browser } = arrive(world, fault);
  const callback = await reachCallback(world, browser);
  const visit = browser.visit(callback);
  // Looked at later: until then a failure is nobody's business.
  visit.catch(() => {});
  return { person, browser, visit };
}

it('TK-07, TK-17: servers that say nothing, or a byte a second, hold up nobody for long, and the others not at all', async () => {
  const silent = await Promise.all(silences.map(begin));
  const nameless = await begin({ ...unnamed, userinfo: { manner: 'silence' } });
  const crowd: Awaited<ReturnType<typeof begin>>[] = [];
  for (let count = 0; count < crowdSize; count += 1)
    crowd.push(await begin({ token: { manner: 'silence' } }));

  const other = arrive(world);
  const welcome: Trial = { browser: other.browser, outcome: 'U-OK', signedIn: other.person };
  await observe(world, welcome, () => signIn(world, other.browser));

  // Signed in without the name that nobody would say.
  const signedIn = { ...nameless.person, name: nameless.person.email };
  await observe(world, { browser: nameless.browser, outcome: 'U-OK', signedIn }, () => nameless.visit);
  for (const { browser, visit } of silent)
    await observe(world, { browser, outcome: 'U-ASDOWN', signedIn: null }, () => visit);
  const pages = await Promise.all(crowd.map(({ visit }) => visit));
  expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 503));
});
