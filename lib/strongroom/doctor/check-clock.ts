/**
 * Whether the clocks of the other servers agree with ours, by the `Date` of their responses.
 * @see RFC 9110 §6.6.1
 */
import 'server-only';
import { nowMs } from '../base/clock';
import { clockToleranceSec } from '../oauth/signed-token';
import { type Finding, findingsOf } from './finding';

const { ok, warning, error } = findingsOf('clock');

/**
 * Tokens of a server whose clock is ahead of ours are from the future, and rejected.
 * @returns one line, or none when the response has no date
 */
export function findClockDifference(headers: Headers, party: 'authorization server' | 'API'): Finding[] {
  const atMs = Date.parse(headers.get('date') ?? '');
  if (Number.isNaN(atMs)) return [];
  const offsetSec = Math.round((atMs - nowMs()) / 1000);
  if (Math.abs(offsetSec) <= clockToleranceSec) return [ok(`the clock of the ${party} agrees with this one`)];
  const words = `the clock of the ${party} is ${Math.abs(offsetSec)} seconds ${offsetSec > 0 ? 'ahead of' : 'behind'} this one; up to ${clockToleranceSec} are tolerated`;
  const isFatal = party === 'authorization server' && offsetSec > 0;
  return [(isFatal ? error : warning)(words, { mend: 'synchronize both clocks (NTP)' })];
}
