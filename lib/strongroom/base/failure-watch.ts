/** Says once that something which is tried over and over fails, and once that it works again. */
import 'server-only';
import type { EventFields, EventName } from './events';
import { logEvent, logFailure } from './log';

/** @returns what is told the outcome of each try: null is success */
export function watchFailures(events: {
  failed: EventName;
  back: EventName;
}): (error: Error | null, fields?: EventFields) => void {
  let isFailing = false;
  return (error, fields = {}) => {
    if (error !== null && !isFailing) logFailure(events.failed, error, fields);
    if (error === null && isFailing) logEvent(events.back);
    isFailing = error !== null;
  };
}
