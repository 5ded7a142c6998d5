/** Servers that take a request and do not answer it: everybody gets their page in time, and nobody else waits. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from '../support/http-browser.ts';
import { arrive, type Resident } from './attacks.ts';
import type { Fault } from './grant.ts';
import { reachCallback, signIn, start } from './journey.ts';
import { observe, type Trial } from './trial.ts';
import { startWorld, type World } from './world.ts';

let world: World;
/** Nothing is known of its server yet, and its server says nothing. */
let mute: World;
beforeAll(async () => {
  [world, mute] = await Promise.all([startWorld(), startWorld()]);
  mute.server.metadata = { manner: 'silence' };
});
afterAll(async () => void (await Promise.all([world?.close(), mute?.close()])));

const crowdSize = 50;
/** Ten seconds for the server, and what is left for a busy machine. */
const maxMs = 12_000;
const durationsMs: number[] = [];

type Waiting = Resident & { visit: Promise<Page> };

/** The request is under way, and its answer is not there yet. */
function wait(who: Resident, request: Promise<Page>): Waiting {
  const startedMs = Date.now();
  const visit = request.finally(() => void durationsMs.push(Date.now() - startedMs));
  // Looked at later: until then a failure is nobody's business.
  visit.catch(() => {});
  return { ...who, visit };
}

async function begin(fault: Fault): Promise<Waiting> {
  const who = arrive(world, fault);
  const callback = await reachCallback(world, who.browser);
  return wait(who, who.browser.visit(callback));
}

it('TK-07, TK-17, DI-04: servers that say nothing, or a byte a second, hold up nobody for long, and the others not at all', async () => {
  const early = arrive(mute);
  const first = wait(early, start(mute, early.browser));
  const nameless = await begin({ idToken: { claims: { name: undefined } }, userinfo: { manner: 'silence' } });
  const silent = [await begin({ token: { manner: 'silence' } }), await begin({ token: { manner: 'drip' } })];
  const crowd: Waiting[] = [];
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
  await observe(mute, { browser: first.browser, outcome: 'U-ASDOWN', signedIn: null }, () => first.visit);
  const pages = await Promise.all(crowd.map(({ visit }) => visit));
  expect(pages.map(({ status }) => status)).toEqual(pages.map(() => 503));
  expect(durationsMs).toHaveLength(crowdSize + 4);
  expect(Math.max(...durationsMs)).toBeLessThan(maxMs);
});
