/** What needs its reader, each with the one thing to do about it. */

import { sayWhen } from '@/app/_components/time-words';
import type { ApiResult } from '@/lib/strongroom/api/api-result';
import { nowSec } from '@/lib/strongroom/base/clock';
import type { Session } from '@/lib/strongroom/session/session';
import { startSignInPath } from '@/lib/strongroom/sign-in/paths';
import { Shape } from './notice';
import type { PermissionState } from './permission-list';
import { sessionEndSec } from './session-times';

type AttentionItem = { words: string; action: string; href: string };

type Situation = {
  session: Session;
  permissions: readonly PermissionState[];
  hasDraft: boolean;
  /** What the panels of the page show already. */
  answers: readonly ApiResult<unknown>[];
};

const soonSec = 3_600;

export function listAttention({ session, permissions, hasDraft, answers }: Situation): AttentionItem[] {
  const shown = answers.map((answer) => (answer.kind === 'insufficient_scope' ? answer.scope : null));
  const missing = permissions.filter(({ isGranted, scope }) => !isGranted && !shown.includes(scope));
  const items = missing.map(({ title, scope }) => ({
    words: `‘${title}’ is not granted.`,
    action: `Grant ‘${title}’`,
    href: startSignInPath({ returnTo: '/dashboard', permission: scope }),
  }));
  if (hasDraft)
    items.push({
      words: 'A message of yours is not posted yet.',
      action: 'Open messages',
      href: '/dashboard/messages',
    });
  const endSec = sessionEndSec(session);
  if (endSec - nowSec() < soonSec)
    items.push({
      words: `You are signed out ${sayWhen(endSec, nowSec())}.`,
      action: 'Sign in again',
      href: startSignInPath({ returnTo: '/dashboard' }),
    });
  return items;
}

/** @param isAlone whether nothing else stands in the same part of the page */
export function AttentionList({ items, isAlone }: { items: readonly AttentionItem[]; isAlone: boolean }) {
  if (items.length === 0) return isAlone ? <NothingNeeded /> : null;
  return (
    <ul className="border-b border-rule">
      {items.map(({ words, action, href }) => (
        <li key={action} className="flex gap-3 border-t border-rule py-3">
          <Shape tone="note" />
          <div className="min-w-0">
            <p>{words}</p>
            <a href={href} className="link inline-flex min-h-11 items-center">
              {action}
            </a>
          </div>
        </li>
      ))}
    </ul>
  );
}

function NothingNeeded() {
  return (
    <p className="flex gap-3 border-y border-rule py-3">
      <Shape tone="good" />
      Nothing needs you.
    </p>
  );
}
