/**
 * Actions that wait for the user to sign in again, more freshly or strongly: kept in the browser, run once
 * right after the callback or by the button of the adopter's confirm page. Its result takes its place.
 * @see RFC 9470 §5
 */
import 'server-only';
import { BoundedMap } from '../base/bounded-map';
import { AppError } from '../base/errors';
import { logEvent } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { getDeclaration } from '../config/declaration';
import {
  type PendingAction,
  type PendingActionContent,
  readPendingAction,
  removePendingAction,
  updatePendingAction,
  writePendingAction,
} from '../session/pending-action';
import { pseudonymOf } from '../session/user-pseudonym';
import { SingleFlight } from '../store/single-flight';
import type { CallResult } from './call-api';
import { type Caller, currentCaller, currentJar, LoginRequiredError } from './caller';
import { findSession } from './page-session';
import { stepUpPath } from './step-up-path';

/** Carries out a pending action of one name, as the user who is signed in now. Runs once for each action. */
export type PendingActionRunner = (input: PendingActionContent['input']) => Promise<CallResult<unknown>>;
export type PendingActionRunners = Readonly<Record<string, PendingActionRunner>>;

export type PendingActionView<Name extends string = string> = {
  id: string;
  name: Name;
  input: PendingActionContent['input'];
  state: PendingAction['state'];
  /**
   * Where to sign in as the API wants it, and come back to `returnTo`; null unless the action waits for that.
   */
  signInPath: (returnTo: string) => Promise<string | null>;
};

/**
 * The pending action of this browser’s user: one at a time, for a quarter of an hour. Names are declared in
 * `pendingActions`.
 * @example
 * const result = await payInvoice(id);
 * if (result.kind === 'insufficient_user_authentication') {
 *   await pendingActions.keep({ name: 'pay_invoice', input: { id } }, result);
 *   redirect('/confirm');
 * }
 * // app/confirm/page.tsx
 * const pending = await pendingActions.read();
 */
export const pendingActions = { keep, read, remove, run: runOfCurrent };

/**
 * Keeps the action with its result: it waits when the API wants a better sign-in; otherwise the result is
 * shown.
 */
async function keep(action: PendingActionContent, result: CallResult<unknown>): Promise<void> {
  if (!isDeclared(action.name))
    throw new AppError('configuration_invalid', { reason: 'pending_action_not_declared' });
  const { jar, session } = requireCaller();
  const isWaiting = result.kind === 'insufficient_user_authentication';
  await writePendingAction(jar, {
    owner: pseudonymOf(session.user),
    action,
    requirement: isWaiting ? result.requirement : null,
    state: isWaiting ? 'waiting' : stateAfter(result),
  });
}

/** Null also for a name that is not declared any more. @typeParam Name the declared names */
async function read<Name extends string>(): Promise<PendingActionView<Name> | null> {
  const session = await findSession();
  if (session === null) return null;
  const pending = await readPendingAction(await currentJar(), pseudonymOf(session.user));
  if (pending === null || !isDeclared(pending.action.name)) return null;
  const { id, action, requirement, state } = pending;
  const signInPath = async (returnTo: string) =>
    requirement === null || state !== 'waiting' ? null : stepUpPath({ returnTo, requirement, pendingId: id });
  return { id, name: action.name as Name, input: action.input, state, signInPath };
}

async function remove(): Promise<void> {
  removePendingAction(requireCaller().jar);
}

/** Runs the action again after the API was unavailable. Does nothing for another id. */
async function runOfCurrent(id: string, runners: PendingActionRunners): Promise<void> {
  await runPendingAction(requireCaller(), id, runners);
}

function isDeclared(name: string): boolean {
  return getDeclaration().pendingActions.includes(name);
}

function requireCaller(): Caller {
  const caller = currentCaller();
  if (caller === null) throw new Error('Pending actions change within userAction and userRoute only.');
  return caller;
}

/** Does nothing when no action with this id of this user waits. To be run as `caller`. */
export async function runPendingAction(
  { jar, session }: Caller,
  id: string,
  runners: PendingActionRunners,
): Promise<void> {
  const pending = await readPendingAction(jar, pseudonymOf(session.user));
  if (pending === null || pending.id !== id) return;
  if (pending.state !== 'waiting' && pending.state !== 'unavailable') return;
  const result = await runOnce(pending, runners).catch((error: unknown) => {
    // The session was rejected again, so the action goes on waiting.
    if (error instanceof LoginRequiredError) return null;
    throw error;
  });
  if (result === null) return;
  const state = stateAfter(result);
  await updatePendingAction(jar, { ...pending, state });
  logEvent('pending_action', { action: pending.action.name, result: state });
}

const resultKeptMs = 60_000;

/** The same callback delivered twice, at a time or one right after the other, runs the action once. */
async function runOnce(
  { id, action }: PendingAction,
  runners: PendingActionRunners,
): Promise<CallResult<unknown>> {
  const { flights, results } = runs();
  const earlier = results.get(id);
  if (earlier !== null) return earlier;
  const runner = Object.hasOwn(runners, action.name) ? runners[action.name] : undefined;
  if (runner === undefined)
    throw new AppError('configuration_invalid', { reason: 'pending_action_without_runner' });
  return flights.share(id, async () => {
    const result = await runner(action.input);
    // The user may try again after `unavailable`, so that result is not kept.
    if (stateAfter(result) !== 'unavailable') results.set(id, result, resultKeptMs);
    return result;
  });
}

function runs() {
  return processSingleton('pending-runs', () => ({
    flights: new SingleFlight<CallResult<unknown>>(),
    results: new BoundedMap<CallResult<unknown>>(1_000),
  }));
}

/**
 * The state after a result. When the API asks for another sign-in right after the one that it wanted, the
 * action is denied: it would ask forever.
 */
function stateAfter({ kind }: CallResult<unknown>): PendingAction['state'] {
  switch (kind) {
    case 'ok':
      return 'done';
    case 'not_found':
      return 'gone';
    case 'rate_limited':
    case 'unavailable':
      return 'unavailable';
    default:
      return 'denied';
  }
}
