/** A time in words, with the exact one on hover and for machines. */
import { nowSec } from 'strongroom';
import { sayExactly, sayWhen } from './time-words';

/**
 * @param at seconds since the epoch, or ISO 8601
 * @param isPast for what has happened: the clock of another machine may be fast
 */
export function TimeAgo({ at, isPast = false }: { at: number | string; isPast?: boolean }) {
  const atSec = typeof at === 'number' ? at : Math.floor(Date.parse(at) / 1000);
  const now = nowSec();
  return (
    <time dateTime={new Date(atSec * 1000).toISOString()} title={sayExactly(atSec)}>
      {sayWhen(isPast ? Math.min(atSec, now) : atSec, now)}
    </time>
  );
}
