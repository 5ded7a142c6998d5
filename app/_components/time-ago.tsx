/** A time as people say it, with the exact one on hover and for machines. */
import { nowSec } from '@/lib/base/clock';
import { sayExactly, sayWhen } from '@/lib/base/time-words';

/** @param at seconds since the epoch, or ISO 8601 */
export function TimeAgo({ at }: { at: number | string }) {
  const atSec = typeof at === 'number' ? at : Math.floor(Date.parse(at) / 1000);
  return (
    <time dateTime={new Date(atSec * 1000).toISOString()} title={sayExactly(atSec)}>
      {sayWhen(atSec, nowSec())}
    </time>
  );
}
