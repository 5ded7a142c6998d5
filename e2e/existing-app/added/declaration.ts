import type { Declaration } from 'strongroom';

export const declaration = {
  productName: 'Ledger',
  paths: { afterSignIn: '/account' },
  protectedPaths: ['/account'],
  apis: { main: { baseUrl: 'API_BASE_URL' } },
  permissions: [{ scope: 'read:contacts', title: 'Read your contacts', detail: 'Show them to you.' }],
} satisfies Declaration;
