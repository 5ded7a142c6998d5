/** The calendar as a table of routes: `GET /events`, with a person, from now on. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { ApiContext, ApiEnv } from '../http/api-context.ts';
import { readQuery } from '../http/query.ts';
import { createRouter, type RouterParts, refuseMethod } from '../http/router.ts';
import type { Protect } from '../token/protect.ts';
import { inventEvents } from './invent-events.ts';

export type CalendarParts = RouterParts & { protect: Protect; nowMs: () => number };

const listQuery = z.object({
  /** E-mail address of the person whom the events are with. */
  attendee: z.string().min(3, 'must be an e-mail address').max(254, 'must be at most 254 characters'),
});

export function createCalendar({ protect, nowMs, ...parts }: CalendarParts): Hono<ApiEnv> {
  const calendar = createRouter(parts);
  calendar.get('/events', protect('read:events'), listEvents);
  calendar.all('/events', refuseMethod('GET, HEAD'));
  return calendar;

  /** The next ones first. */
  function listEvents(c: ApiContext): Response {
    const { attendee } = readQuery(c, listQuery);
    return c.json({ items: inventEvents({ owner: c.get('caller'), attendee }, nowMs()) });
  }
}
