/** What the user has planned with somebody, from `GET /events` of the calendar: the second API, with tokens of its own. */
import 'server-only';
import { type CallResult, callApi } from 'strongroom';
import { z } from 'zod';
import { wireText, wireTime } from './wire';

export type CalendarEvent = {
  id: string;
  title: string;
  place: string;
  /** ISO 8601 with offset. */
  startsAt: string;
  endsAt: string;
};

const eventSchema = z
  .object({
    id: wireText(64),
    title: wireText(200),
    place: wireText(200),
    starts_at: wireTime,
    ends_at: wireTime,
  })
  .transform(
    ({ starts_at, ends_at, ...event }): CalendarEvent => ({
      ...event,
      startsAt: starts_at,
      endsAt: ends_at,
    }),
  );

const eventsSchema = z.object({ items: z.array(eventSchema).max(50) }).transform(({ items }) => items);

/** The next ones first. @param attendee e-mail address of the other person */
export function listEventsWith(attendee: string): Promise<CallResult<CalendarEvent[]>> {
  return callApi('calendar', { method: 'GET', path: ['events'], query: { attendee } }, eventsSchema);
}
