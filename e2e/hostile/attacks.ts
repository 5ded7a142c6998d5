/** Turns a list of attacks into tests. What is rejected runs where somebody is signed in, the first of each row where nobody is, too. */
import { beforeAll, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import type { Fault, Person } from './grant.ts';
import { marker } from './invariants.ts';
import { signIn } from './journey.ts';
import { type OutcomeName, outcomes } from './outcomes.ts';
import { observe } from './trial.ts';
import type { World } from './world.ts';

export type Attack = {
  row: string;
  attack: string;
  /** What the server does wrong, if anything. */
  fault?: Fault | ((world: World) => Fault);
  outcome: OutcomeName;
  /** Code exchanges that the case may come to; one when left out. */
  exchanges?: number;
  /** What the person does; signs in when left out. */
  act?: (world: World, browser: HttpBrowser) => Promise<Page>;
  /** Sign-ins that stay open, where the answer names none of them. */
  openTransactions?: number;
  /** The reason in the log. */
  reason?: RegExp;
  /** What the page calls its person, if not by their name. */
  seenAs?: (person: Person) => string;
  /** What the page must not hold. */
  lacks?: RegExp;
};

let count = 0;

export function newPerson(): Person {
  count += 1;
  return { sub: `user-${count}`, name: `Person ${count} ${marker}`, email: `user-${count}@example.test` };
}

/** A person, and the browser that is theirs. */
export type Resident = { person: Person; browser: HttpBrowser };

/** Somebody new, who signs in next. */
export function arrive({ server }: World, fault: Fault = {}): Resident {
  const person = newPerson();
  Object.assign(server, { person, fault });
  return { person, browser: new HttpBrowser() };
}

/** Somebody who was signed in before anything went wrong. */
export async function settle(world: World): Promise<Resident> {
  const resident = arrive(world);
  await signIn(world, resident.browser);
  return resident;
}

export function describeAttacks(worldOf: () => World, attacks: readonly Attack[]): void {
  let resident: Resident;
  beforeAll(async () => {
    resident = await settle(worldOf());
  });
  it.each(attacks)('$row: $attack: $outcome', async (attack) => {
    const isRejected = outcomes[attack.outcome].code !== null;
    if (isRejected) await carryOut(worldOf(), attack, resident);
    if (!isRejected || attacks.find(({ row }) => row === attack.row) === attack)
      await carryOut(worldOf(), attack, null);
  });
}

export async function carryOut(world: World, attack: Attack, resident: Resident | null): Promise<void> {
  const { server, app } = world;
  const {
    fault = {},
    outcome,
    exchanges = 1,
    act = signIn,
    openTransactions = 0,
    reason,
    lacks,
    seenAs,
  } = attack;
  const browser = resident?.browser.copy() ?? new HttpBrowser();
  server.person = newPerson();
  server.fault = typeof fault === 'function' ? fault(world) : fault;
  const before = server.countOf('/token');
  const isRejected = outcomes[outcome].code !== null;
  const signedIn = isRejected
    ? (resident?.person ?? null)
    : { ...server.person, name: seenAs?.(server.person) ?? server.person.name };
  const trial = { browser, outcome, signedIn, isKept: isRejected && resident !== null, openTransactions };
  const page = await observe(world, trial, () => act(world, browser));
  expect(server.countOf('/token') - before).toBe(exchanges);
  if (reason !== undefined) expect(app.events('sign_in_rejected').at(-1)?.reason).toMatch(reason);
  if (lacks !== undefined) expect(page.html).not.toMatch(lacks);
}
