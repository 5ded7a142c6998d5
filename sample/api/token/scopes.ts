/** The scopes that this API knows, and how a token carries them. @see RFC 9068 §2.2.3, RFC 6749 §3.3 */

export const scopes = ['read:contacts', 'write:contacts', 'read:messages', 'write:messages'] as const;
/** Of the calendar, which is an API of its own: its tokens are for another audience. */
export const calendarScopes = ['read:events'] as const;
export type Scope = (typeof scopes)[number] | (typeof calendarScopes)[number];

/** Reads the `scope` claim: case-sensitive words between spaces. A word is compared as a whole, never as a part. */
export function readScopes(claim: string | undefined): ReadonlySet<string> {
  return new Set((claim ?? '').split(' ').filter((word) => word !== ''));
}
