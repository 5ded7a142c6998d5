/** The declaration of an application that exists in the tests of the core only. Test support only. */
import type { Declaration } from '../config/declaration';

export const testDeclaration = {
  productName: 'Strongroom',
  paths: {
    home: '/',
    afterSignIn: '/dashboard',
    signIn: '/sign-in',
    problem: '/sign-in/problem',
    signedOut: '/signed-out',
    session: '/dashboard/session',
  },
  protectedPaths: ['/dashboard'],
  apis: { main: { baseUrl: 'API_BASE_URL' } },
  permissions: [
    { scope: 'read:contacts', title: 'Read your contacts', detail: 'Show them.' },
    { scope: 'read:messages', title: 'Read your messages', detail: 'Show them.' },
    { scope: 'write:messages', title: 'Post messages', detail: 'Send them in your name.' },
  ],
  claims: [],
  pendingActions: ['delete_message', 'post_message'],
} as const satisfies Declaration;
