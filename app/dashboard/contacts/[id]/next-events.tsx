/**
 * What the user has planned with a contact. It comes from the calendar, another API than the contact: when that is
 * not available, the rest of the page is as ever.
 */
import type { CallResult } from 'strongroom';
import { ApiOutcome, PermissionNeeded } from '@/app/_components/api-outcome';
import { nowSec } from '@/app/_components/now-sec';
import { Section } from '@/app/_components/section';
import { sayTime } from '@/app/_components/time-words';
import type { CalendarEvent } from '@/lib/api/calendar';

type Events = { result: CallResult<CalendarEvent[]>; contactName: string; here: string };

export function NextEvents({ result, contactName, here }: Events) {
  return (
    <Section title="What you have planned together">
      {result.kind === 'ok' ? (
        <EventList events={result.value} contactName={contactName} />
      ) : result.kind === 'insufficient_scope' ? (
        <PermissionNeeded scope={result.scope} here={here} what="Showing events" />
      ) : (
        <ApiOutcome result={result} resource="Your calendar" here={here} />
      )}
    </Section>
  );
}

function EventList({ events, contactName }: { events: readonly CalendarEvent[]; contactName: string }) {
  if (events.length === 0) return <p className="text-soft">You have nothing planned with {contactName}.</p>;
  return (
    <ul className="border-b border-rule">
      {events.map((event) => (
        <EventRow key={event.id} event={event} />
      ))}
    </ul>
  );
}

function EventRow({ event: { title, place, startsAt, endsAt } }: { event: CalendarEvent }) {
  const { iso, exactly, words } = sayTime(startsAt, nowSec(), false);
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 border-t border-rule py-2">
      <span className="min-w-0 wrap-anywhere">
        <span className="font-semibold">{title || 'No title'}</span>
        {place === '' ? null : <span className="text-soft">, {place}</span>}
      </span>
      <span className="text-small text-soft">
        <time dateTime={iso}>
          {words}, {exactly}
        </time>
        , for {sayLength(startsAt, endsAt)}
      </span>
    </li>
  );
}

function sayLength(startsAt: string, endsAt: string): string {
  const minutes = Math.max(0, Math.round((Date.parse(endsAt) - Date.parse(startsAt)) / 60_000));
  const hours = Math.round(minutes / 60);
  if (hours >= 48) return count(Math.round(hours / 24), 'day');
  return minutes > 90 ? count(hours, 'hour') : count(minutes, 'minute');
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
