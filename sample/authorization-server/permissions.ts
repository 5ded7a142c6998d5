/**
 * Every scope this server knows and the words a person reads for it.
 */
export type Permission = { scope: string; words: string };

/** Scopes of the bundled API; they travel in its access tokens. */
export const apiPermissions: readonly Permission[] = [
  { scope: 'read:contacts', words: 'Read your contacts' },
  { scope: 'write:contacts', words: 'Change your contacts' },
  { scope: 'read:messages', words: 'Read your messages' },
  { scope: 'write:messages', words: 'Post messages as you' },
];

/** Of the calendar, the second API: they travel in tokens of its own. */
export const calendarPermissions: readonly Permission[] = [
  { scope: 'read:events', words: 'See events in your calendar' },
];

/** Refresh tokens. @see OpenID Connect Core §11 */
export const staySignedIn: Permission = { scope: 'offline_access', words: 'Stay signed in' };

/** One fixed line on the consent page: signing in makes no sense without them. */
export const identityScopes: readonly string[] = ['openid', 'profile', 'email'];
export const identityWords = 'Know your name, e-mail address and picture';

/** What a person may tick or untick, in the order of the page. */
export const choosablePermissions: readonly Permission[] = [
  ...apiPermissions,
  ...calendarPermissions,
  staySignedIn,
];

export function isScopeOf(permissions: readonly Permission[], scope: string): boolean {
  return permissions.some((permission) => permission.scope === scope);
}
