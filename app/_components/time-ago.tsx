/** A time as people say it, with the exact one on hover and for machines. */
import { nowSec } from 'strongroom';
import { sayTime } from './time-words';

/**
 * @param at seconds since the epoch, or ISO 8601
 * @param isPast for what has happened: another machine's clock may be a little ahead of ours
 */
export function TimeAgo({ at, isPast = false }: { at: number | string; isPast?: boolean }) {
  const { iso, exactly, words } = sayTime(at, nowSec(), isPast);
  return (
    <time dateTime={iso} title={exactly}>
      {words}
    </time>
  );
}
