/** Where else the user is signed in. */
import { listOtherSessions } from 'strongroom';
import { TimeAgo } from '@/app/_components/time-ago';
import { productName } from '@/lib/places';

export async function OtherSessions() {
  const others = await listOtherSessions();
  if (others === null)
    return (
      <p>
        They cannot be listed right now. You can still end them: it takes effect as soon as {productName}’s
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
