/** What needs the user, each with the one thing to do about it. */
import { type CallResult, type SessionView, startSignInPath, withBasePath } from 'strongroom';
import { Shape } from '@/app/_components/notice';
import { nowSec } from '@/app/_components/now-sec';
import { sayWhen } from '@/app/_components/time-words';
import { places } from '@/lib/places';

type AttentionItem = { words: string; action: string; href: string };

type Situation = {
  session: SessionView;
  hasDraft: boolean;
  /** What the panels of the page show already. */
  results: readonly CallResult<unknown>[];
};

const soonSec = 3_600;

export function listAttention({ session, hasDraft, results }: Situation): AttentionItem[] {
  const shown = results.map((result) => (result.kind === 'insufficient_scope' ? result.scope : null));
  const missing = session.permissions.filter(({ isGranted, scope }) => !isGranted && !shown.includes(scope));
  const items = missing.map(({ title, scope }) => ({
    words: `‘${title}’ is not granted.`,
    action: `Grant ‘${title}’`,
    href: startSignInPath({ returnTo: places.overview, permission: scope }),
  }));
  if (hasDraft)
    items.push({
      words: 'A message of yours is not posted yet.',
      action: 'Open messages',
      href: withBasePath(places.messages),
    });
  const { endsAtSec } = session;
  if (endsAtSec - nowSec() < soonSec)
    items.push({
      words: `You will be signed out ${sayWhen(endsAtSec, nowSec())}.`,
      action: 'Sign in again',
      href: startSignInPath({ returnTo: places.overview }),
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
