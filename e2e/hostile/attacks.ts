/**
 * Turns a list of attacks into tests whose titles are sentences. An attack that is rejected runs against a
 * browser with a session, and the first one of each row against a browser without one too.
 */
import { beforeAll, expect, it } from 'vitest';
import { HttpBrowser, type Page } from '../support/http-browser.ts';
import type { Fault, User } from './grant.ts';
import { marker } from './invariants.ts';
import { signIn } from './journey.ts';
import { codeOf, type OutcomeName, outcomes } from './outcomes.ts';
import { observe } from './trial.ts';
import type { World } from './world.ts';

export type Attack = {
  row: string;
  /**
   * What is special about the subject of the list. It stands between the subject and the predicate in the
   * title.
   */
  attack: string;
  /** What the server does wrong, if anything. */
  fault?: Fault | ((world: World) => Fault);
  outcome: OutcomeName;
  /** How the title ends, where the predicate of the outcome says too little. */
  predicate?: string;
  /** Code exchanges that the case comes to; one when left out. */
  exchanges?: number;
  /** What the user does; signs in when left out. */
  act?: (world: World, browser: HttpBrowser) => Promise<Page>;
  /** Transactions that stay open, because the response names none of them. */
  openTransactions?: number;
  /** The reason in the log. */
  reason?: RegExp;
  /** What the page calls its user, if not by name. */
  seenAs?: (user: User) => string;
  /** What the page must not contain. */
  lacks?: RegExp;
};

let count = 0;

export function newUser(): User {
  count += 1;
  return { sub: `user-${count}`, name: `User ${count} ${marker}`, email: `user-${count}@example.test` };
}

/** A user and the browser that is theirs. */
export type Visitor = { user: User; browser: HttpBrowser };

/** A new user, who signs in next. */
export function createVisitor({ server }: World, fault: Fault = {}): Visitor {
  const user = newUser();
  Object.assign(server, { user, fault });
  return { user, browser: new HttpBrowser() };
}

/** A user who was signed in before anything went wrong. */
export async function signInVisitor(world: World): Promise<Visitor> {
  const visitor = createVisitor(world);
  await signIn(world, visitor.browser);
  return visitor;
}

/** @param subject what all of these attacks are made with, such as "an ID token" */
export function describeAttacks(worldOf: () => World, subject: string, attacks: readonly Attack[]): void {
  let visitor: Visitor;
  beforeAll(async () => {
    visitor = await signInVisitor(worldOf());
  });
  // Not `it.each`: it would cut the words of a title after forty characters.
  for (const attack of attacks)
    it(titleOf(attack, subject), async () => {
      const isRejected = codeOf(attack.outcome) !== null;
      if (isRejected) await carryOut(worldOf(), attack, visitor);
      if (!isRejected || attacks.find(({ row }) => row === attack.row) === attack)
        await carryOut(worldOf(), attack, null);
    });
}

function titleOf({ row, attack, outcome, predicate }: Attack, subject: string): string {
  return `${row}: ${subject} ${attack} ${predicate ?? outcomes[outcome].predicate}`;
}

async function carryOut(world: World, attack: Attack, visitor: Visitor | null): Promise<void> {
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
  const browser = visitor?.browser.copy() ?? new HttpBrowser();
  server.user = newUser();
  server.fault = typeof fault === 'function' ? fault(world) : fault;
  const before = server.countOf('/token');
  const isRejected = codeOf(outcome) !== null;
  const signedIn = isRejected
    ? (visitor?.user ?? null)
    : { ...server.user, name: seenAs?.(server.user) ?? server.user.name };
  const trial = { browser, outcome, signedIn, isKept: isRejected && visitor !== null, openTransactions };
  const page = await observe(world, trial, () => act(world, browser));
  expect(server.countOf('/token') - before).toBe(exchanges);
  if (reason !== undefined) expect(app.events('sign_in_rejected').at(-1)?.reason).toMatch(reason);
  if (lacks !== undefined) expect(page.html).not.toMatch(lacks);
}
