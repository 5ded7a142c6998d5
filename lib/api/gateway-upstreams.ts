/**
 * What scripts of our own pages may ask for through `/api/gateway/<name>/…`: this table and nothing else. Pure.
 * @see decision 0012
 */
import type { Upstreams } from 'strongroom/routes';

const json = ['application/json'];
const page = { page: 6, per_page: 3 };

export const upstreams: Upstreams = {
  contacts: {
    baseUrl: ({ apiBaseUrl }) => `${apiBaseUrl}/contacts`,
    token: 'session',
    timeoutMs: 8_000,
    routes: [
      {
        method: 'GET',
        path: [],
        query: { q: 100, ...page },
        accepts: json,
        maxRequestBytes: 0,
        maxResponseBytes: 1_000_000,
      },
      { method: 'GET', path: [':id'], accepts: json, maxRequestBytes: 0, maxResponseBytes: 100_000 },
    ],
  },
  messages: {
    baseUrl: ({ apiBaseUrl }) => `${apiBaseUrl}/messages`,
    token: 'session',
    timeoutMs: 8_000,
    routes: [
      {
        method: 'GET',
        path: [],
        query: page,
        accepts: json,
        maxRequestBytes: 0,
        maxResponseBytes: 1_000_000,
      },
      { method: 'POST', path: [], accepts: json, maxRequestBytes: 64_000, maxResponseBytes: 100_000 },
    ],
  },
};
