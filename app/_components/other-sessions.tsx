/** Where else the reader is signed in. */
import { findAppError } from '@/lib/strongroom/base/errors';
import type { Session } from '@/lib/strongroom/session/session';
import { type ListedSession, listOtherSessions } from '@/lib/strongroom/session/session-list';
import { TimeAgo } from './time-ago';

export async function OtherSessions({ session }: { session: Session }) {
  const others = await listOtherSessions(session).catch(forgiveStore);
  if (others === null)
    return (
      <p>
        They cannot be listed right now. You can still end them: it takes effect as soon as Strongroom’s
        memory of sessions answers again.
      </p>
    );
  if (others.length === 0) return <p>You are signed in nowhere else that is known here.</p>;
  return (
    <ul className="border-b border-rule">
      {others.map(({ id, browser, startedAtMs }) => (
        <li key={id} className="flex flex-wrap justify-between gap-x-6 border-t border-rule py-3">
          <span>{browser ?? 'A browser that did not say its name'}</span>
          <span className="text-soft">
            signed in <TimeAgo at={Math.floor(startedAtMs / 1000)} isPast />
          </span>
        </li>
      ))}
    </ul>
  );
}

function forgiveStore(error: unknown): ListedSession[] | null {
  if (findAppError(error)?.code === 'store_unavailable') return null;
  throw error;
}
