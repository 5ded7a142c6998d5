/**
 * What to ask a person, and what their answer means. Pure; the page shows the question, `consent.ts` stores the answer.
 */
import type { Consent } from './consents.ts';
import type { Permission } from './permissions.ts';
import { choosablePermissions, identityScopes } from './permissions.ts';

export type ConsentQuestion = {
  /** Shown with a checkbox. */
  asked: Permission[];
  /** Granted earlier: named, not asked. */
  allowed: Permission[];
};

const nothingYet: Consent = { granted: new Set(), rejected: new Set() };

/**
 * Asks for what is new. A permission that the person turned down is only asked for again with `prompt=consent`.
 * @see OpenID Connect Core §3.1.2.4
 */
export function composeConsentQuestion(
  requested: ReadonlySet<string>,
  remembered: Consent | null,
  isConsentPrompted: boolean,
): ConsentQuestion {
  const { granted, rejected } = remembered ?? nothingYet;
  const isSettled = (scope: string) => granted.has(scope) || (!isConsentPrompted && rejected.has(scope));
  return {
    asked: choosablePermissions.filter(({ scope }) => requested.has(scope) && !isSettled(scope)),
    allowed: choosablePermissions.filter(({ scope }) => granted.has(scope)),
  };
}

/**
 * The decision after "Allow": ticked permissions and identity are granted, unticked ones are rejected,
 * earlier decisions stay. Names that were not asked for are ignored.
 */
export function applyConsentAnswer(
  question: ConsentQuestion,
  requested: ReadonlySet<string>,
  { ticked, remembered }: { ticked: ReadonlySet<string>; remembered: Consent | null },
): Consent {
  const earlier = remembered ?? nothingYet;
  const asked = question.asked.map(({ scope }) => scope);
  const identity = identityScopes.filter((scope) => requested.has(scope));
  const granted = new Set([...earlier.granted, ...identity, ...asked.filter((scope) => ticked.has(scope))]);
  const turnedDown = [...earlier.rejected, ...asked].filter((scope) => !granted.has(scope));
  return { granted, rejected: new Set(turnedDown) };
}
