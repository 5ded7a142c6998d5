/** The pages that people come back to, by the names they know. Pure. */

const names: readonly (readonly [path: string, name: string])[] = [
  ['/dashboard/contacts', 'Contacts'],
  ['/dashboard/messages', 'Messages'],
  ['/dashboard/access', 'Access'],
  ['/dashboard/session', 'Session'],
  ['/dashboard/confirm', 'what you were about to do'],
  ['/dashboard', 'Overview'],
];

/** The name of the page at `path` (with or without a query), or null when it has none. */
export function placeNameOf(path: string): string | null {
  const pathname = path.split(/[?#]/, 1)[0] ?? '';
  const place = names.find(
    ([known]) => pathname === known || (known !== '/dashboard' && pathname.startsWith(`${known}/`)),
  );
  return place?.[1] ?? null;
}
