/** The name of the product, and the paths of its pages by their names: one table for links, menu and declaration. Pure. */

export const productName = 'Ledger';

/** What users have here, as the subject of a sentence. */
export const yourData = 'Your invoices';

export const places = {
  home: '/',
  signIn: '/sign-in',
  signInProblem: '/sign-in/problem',
  signedOut: '/signed-out',
  overview: '/dashboard',
  invoices: '/dashboard/invoices',
  access: '/dashboard/access',
  session: '/dashboard/session',
} as const;

type Place = { path: string; name: string };

/** The pages of the menu, in its order. */
export const menu: readonly Place[] = [
  { path: places.overview, name: 'Overview' },
  { path: places.invoices, name: 'Invoices' },
  { path: places.access, name: 'Access' },
  { path: places.session, name: 'Session' },
];

/** What a user calls the page at `path` (with or without a query), or null when it has no name. */
export function placeNameOf(path: string): string | null {
  const pathname = path.split(/[?#]/, 1)[0] ?? '';
  return menu.find((place) => isWithin(pathname, place.path))?.name ?? null;
}

/** The overview is above the other pages, and only itself. */
export function isWithin(pathname: string, path: string): boolean {
  return pathname === path || (path !== places.overview && pathname.startsWith(`${path}/`));
}
