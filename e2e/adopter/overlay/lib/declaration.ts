/** What this application is, for the core: plain data. `instrumentation.ts` hands it over when the server starts. */
import type { Declaration } from 'strongroom';
import { places, productName } from './places';

export const declaration = {
  productName,
  paths: {
    home: places.home,
    afterSignIn: places.invoices,
    signIn: places.signIn,
    problem: places.signInProblem,
    signedOut: places.signedOut,
    session: places.session,
  },
  protectedPaths: [places.overview],
  apis: { main: { baseUrl: 'API_BASE_URL' } },
  permissions: [
    { scope: 'read:invoices', title: 'Read your invoices', detail: 'Show what you are owed.' },
    { scope: 'write:invoices', title: 'Create invoices', detail: 'Send invoices in your name.' },
    { scope: 'offline_access', title: 'Stay signed in', detail: 'Keep you signed in.' },
  ],
  claims: [],
  pendingActions: [],
} as const satisfies Declaration;
