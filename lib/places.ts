/**
 * The name of the product, and the paths of its pages by their names: one table for links, menu and
 * declaration. Pure.
 */

export const productName = 'Strongroom';

/** What users have here, as the subject of a sentence. */
export const yourData = 'Your contacts and messages';

export const places = {
  home: '/',
  signIn: '/sign-in',
  signInProblem: '/sign-in/problem',
  signedOut: '/signed-out',
  overview: '/dashboard',
  contacts: '/dashboard/contacts',
  contactsExport: '/dashboard/contacts/export',
  messages: '/dashboard/messages',
  access: '/dashboard/access',
  session: '/dashboard/session',
  userName: '/dashboard/session/name',
  confirm: '/dashboard/confirm',
} as const;

type Place = { path: string; name: string };

/** The pages of the menu, in its order. */
export const menu: readonly Place[] = [
  { path: places.overview, name: 'Overview' },
  { path: places.contacts, name: 'Contacts' },
  { path: places.messages, name: 'Messages' },
  { path: places.access, name: 'Access' },
  { path: places.session, name: 'Session' },
];

/** As they stand inside a sentence. */
const named: readonly Place[] = [
  { path: places.overview, name: 'the Overview' },
  { path: places.confirm, name: 'what you were about to do' },
  ...menu,
];

/** What a user calls the page at `path` (with or without a query), or null when it has no name. */
export function placeNameOf(path: string): string | null {
  const pathname = path.split(/[?#]/, 1)[0] ?? '';
  return named.find((place) => isWithin(pathname, place.path))?.name ?? null;
}

/** The overview is above the other pages, and only itself. */
export function isWithin(pathname: string, path: string): boolean {
  return pathname === path || (path !== places.overview && pathname.startsWith(`${path}/`));
}
