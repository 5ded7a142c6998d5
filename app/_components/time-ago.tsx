/** A time in words, with the exact one on hover and for machines. */
import { nowSec } from './now-sec';
import { sayTime } from './time-words';

/**
 * @param at seconds since the epoch, or ISO 8601
 * @param isPast for what has happened: the clock of another machine may be fast
 */
export function TimeAgo({ at, isPast = false }: { at: number | string; isPast?: boolean }) {
  const { iso, exactly, words } = sayTime(at, nowSec(), isPast);
  return (
    <time dateTime={iso} title={exactly}>
      {words}
    </time>
  );
}
