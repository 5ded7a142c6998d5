/**
 * What this application is, for the core: plain data. `instrumentation.ts` hands it over when the server
 * starts.
 */
import type { Declaration } from 'strongroom';
import { places, productName } from './places';

export const declaration = {
  productName,
  paths: {
    home: places.home,
    afterSignIn: places.overview,
    signIn: places.signIn,
    problem: places.signInProblem,
    signedOut: places.signedOut,
    session: places.session,
  },
  protectedPaths: [places.overview],
  apis: {
    main: { baseUrl: 'API_BASE_URL' },
    calendar: { baseUrl: 'CALENDAR_BASE_URL', audience: 'CALENDAR_AUDIENCE', scopes: ['read:events'] },
  },
  permissions: [
    {
      scope: 'read:contacts',
      title: 'Read your contacts',
      detail: 'Show and search the people in your address book.',
    },
    {
      scope: 'write:contacts',
      title: 'Change your contacts',
      detail: 'Put a picture beside a contact, when you choose one.',
    },
    {
      scope: 'read:messages',
      title: 'Read your messages',
      detail: 'Show messages that were sent to you and by you.',
    },
    {
      scope: 'write:messages',
      title: 'Post messages',
      detail: 'Send messages in your name, when you press the button.',
    },
    {
      scope: 'read:events',
      title: 'See your calendar',
      detail: 'Show, beside a contact, what you have planned with them.',
    },
    {
      scope: 'offline_access',
      title: 'Stay signed in',
      detail: 'Keep you signed in without asking for your password every few minutes.',
    },
  ],
  claims: [],
  pendingActions: ['delete_message', 'export_contacts', 'post_message'],
} as const satisfies Declaration;

/** Names of APIs are checked by the compiler. */
declare module 'strongroom' {
  interface Register {
    apis: typeof declaration.apis;
  }
}

export type PendingActionName = (typeof declaration.pendingActions)[number];
