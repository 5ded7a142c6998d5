/**
 * What the sign-in page says about a session that was rejected: by the reason in its address, a closed list.
 * Pure.
 */
import type { SignInReason } from 'strongroom';
import { sayDuration } from '@/app/_components/time-words';

/** Longer texts than one sentence do not fit: the page adds what becomes of an unsent text. */
const words: Record<Exclude<SignInReason, 'idle'>, string> = {
  lifetime: 'It reached the longest time that a session may last.',
  signed_out_elsewhere: 'You signed out in another window or browser.',
  signed_out_everywhere: 'You signed out everywhere.',
  back_channel_logout: 'The sign-in service ended your session.',
  invalid_grant: 'The sign-in service did not extend it.',
  revoked_by_operator: 'An operator ended your session.',
  not_before: 'An operator ended your session.',
  replaced: 'A newer sign-in took its place.',
  another_user: 'Another user signed in in the same browser.',
  refresh_rejected: 'The sign-in service no longer accepts it.',
  unreadable: 'It could not be opened any more.',
  dpop_required: 'This page now needs a sign-in that is better protected.',
  device_not_proven:
    'Your session is bound to a device, and this browser did not prove that it is on that device.',
  device_required:
    'Sessions here are bound to a device, which Chrome 146 or later on Windows can do, and which ends them in this browser after a minute.',
};

export function explainRejection(reason: SignInReason, sessionIdleSec: number): string {
  if (reason !== 'idle') return words[reason];
  return `You were away for more than ${sayDuration(sessionIdleSec)}, so you were signed out.`;
}

/** The session goes on where it may. */
const continuing: ReadonlySet<SignInReason> = new Set(['dpop_required', 'device_not_proven']);

export function titleOf(reason: SignInReason): string {
  if (reason === 'device_required') return 'This browser cannot stay signed in here';
  return continuing.has(reason) ? 'Please sign in again' : 'Your session has ended';
}
