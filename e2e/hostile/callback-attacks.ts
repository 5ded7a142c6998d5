/** Attacks that change the authorization response on its way through the browser. */
import type { Attack } from './attacks.ts';
import type { OutcomeName } from './outcomes.ts';

export type Change = (right: URLSearchParams) => URLSearchParams | string;

/** The case ends before the code is sent to the token endpoint. */
export const withoutExchange = (
  row: string,
  attack: string,
  outcome: OutcomeName,
  change: Change,
  more: Partial<Attack> = {},
): Attack => ({
  row,
  attack,
  outcome,
  exchanges: 0,
  fault: { redirect: change },
  ...more,
});
export const edit =
  (change: (right: URLSearchParams) => void) =>
  (right: URLSearchParams): URLSearchParams => {
    change(right);
    return right;
  };
export const set = (name: string, value: string) => edit((right) => right.set(name, value));
export const add = (name: string, value: string) => edit((right) => right.append(name, value));
export const drop = (name: string) => edit((right) => right.delete(name));
/** Puts parameters in front of the right query. */
export const inFront =
  (text: string): Change =>
  (right) =>
    `${text}&${right}`;
export const fails = (error: string, more: Record<string, string> = {}) =>
  edit((right) => {
    right.delete('code');
    for (const [name, value] of Object.entries({ error, ...more })) right.set(name, value);
  });
/** The state names no transaction of this browser, so the one that was started stays open. */
export const unnamed = { openTransactions: 1 };
export const rejected = (row: string, attack: string, change: Change, more: Partial<Attack> = {}): Attack =>
  withoutExchange(row, attack, 'invalid_response', change, more);
export const expired = (row: string, attack: string, change: Change, more: Partial<Attack> = {}): Attack =>
  withoutExchange(row, attack, 'transaction_expired', change, more);
