/**
 * Invents what a user has in the calendar with a person: the same for the same two people, so that nothing has to be
 * kept. Some people have no event. Pure.
 */
import type { OwnerName } from '../store/owner-store.ts';
import { createRandom, stableId } from '../store/random.ts';

export type CalendarEvent = {
  id: string;
  title: string;
  place: string;
  /** ISO 8601, in UTC. */
  starts_at: string;
  ends_at: string;
};

type Meeting = { owner: OwnerName; attendee: string };

const titles = ['Lunch', 'Weekly review', 'Planning', 'Coffee', 'Phone call', 'Contract talk', 'Site visit'];
const places = ['Room Harbour', 'Room Lighthouse', 'Video call', 'Café am Markt', 'Their office', ''];
const lengthsMin = [30, 45, 60, 90];
const [hourMs, dayMs] = [3_600_000, 24 * 3_600_000];
/** Each comes back after so long: whatever the day, there are next ones. */
const everyDays = 28;
const maxEvents = 3;

/** Those that are not over at `nowMs`, the next ones first. */
export function inventEvents({ owner, attendee }: Meeting, nowMs: number): CalendarEvent[] {
  const parts = [owner.issuer, owner.subject, attendee.toLowerCase()];
  const random = createRandom(['events', ...parts].join('\n'));
  const count = random.below(maxEvents + 1);
  const events = Array.from({ length: count }, (_, number): CalendarEvent => {
    const offsetMs = random.below(everyDays) * dayMs + (8 + random.below(9)) * hourMs;
    const lengthMs = random.pick(lengthsMin) * 60_000;
    const rounds = Math.ceil((nowMs - offsetMs - lengthMs) / (everyDays * dayMs));
    const startsMs = offsetMs + rounds * everyDays * dayMs;
    return {
      id: stableId('e', ...parts, String(number), String(rounds)),
      title: random.pick(titles),
      place: random.pick(places),
      starts_at: new Date(startsMs).toISOString(),
      ends_at: new Date(startsMs + lengthMs).toISOString(),
    };
  });
  return events.sort((a, b) => a.starts_at.localeCompare(b.starts_at));
}
