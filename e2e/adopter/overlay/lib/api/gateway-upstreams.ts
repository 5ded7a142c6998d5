/** What our own pages may ask for through `/api/gateway/<name>/…`: this table and nothing else. Pure. */
import type { Upstreams } from 'strongroom/routes';

const json = ['application/json'] as const;

export const upstreams: Upstreams = {
  invoices: {
    path: '/invoices',
    timeoutMs: 8_000,
    routes: [
      {
        method: 'GET',
        path: [],
        accepts: json,
        maxResponseBytes: 1_000_000,
        query: { page: 6, per_page: 3 },
      },
    ],
  },
};
