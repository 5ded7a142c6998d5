/**
 * A copy of this repository whose application declares a third API, and lets scripts ask each of them through the
 * gateway: so that many requests need one API and no other.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyRepository, runInCopy } from '../scripts/repository-copy.ts';

const buildMs = 15 * 60_000;

const declared = [
  'lib/declaration.ts',
  "calendar: { baseUrl: 'CALENDAR_BASE_URL'",
  "rooms: { baseUrl: 'ROOMS_BASE_URL', audience: 'ROOMS_AUDIENCE', scopes: ['read:events'] },\n    ",
] as const;
const forwarded = [
  'lib/api/gateway-upstreams.ts',
  "contacts: { path: '/contacts'",
  "events: { api: 'calendar', path: '/events', timeoutMs, routes: [{ ...list, query: { attendee: 100 } }] },\n  rooms: { api: 'rooms', path: '/events', timeoutMs, routes: [{ ...list, query: { attendee: 100 } }] },\n  ",
] as const;

/** @returns the folder of the copy, with its build */
export async function buildCopy(): Promise<string> {
  const copy = copyRepository();
  for (const [file, before, added] of [declared, forwarded]) {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(before)) throw new Error(`${file} has no ${before}`);
    writeFileSync(path, text.replace(before, added + before));
  }
  await runInCopy(copy, ['npm', 'run', '--silent', 'build'], buildMs);
  return copy;
}
