/**
 * What our own pages may ask for through `/api/gateway/<name>/…`: this table and nothing else. An adopter
 * edits it. Pure.
 * @see decision 0012
 */
import type { Upstreams } from 'strongroom/routes';

const json = ['application/json'] as const;
const pictures = ['image/png', 'image/jpeg', 'image/webp'] as const;
const page = { page: 6, per_page: 3 };
const timeoutMs = 8_000;

const list = { method: 'GET', path: [], accepts: json, maxResponseBytes: 1_000_000 } as const;

const contactRoutes: Upstreams[string]['routes'] = [
  { ...list, query: { q: 100, ...page } },
  { method: 'GET', path: [':id'], accepts: json, maxResponseBytes: 100_000 },
  // `v` means nothing to the API: a changed picture has another address, and the page loads it.
  {
    method: 'GET',
    path: [':id', 'picture'],
    query: { v: 40 },
    accepts: pictures,
    maxResponseBytes: 2_000_000,
  },
  {
    method: 'PUT',
    path: [':id', 'picture'],
    accepts: json,
    requestTypes: pictures,
    maxRequestBytes: 2_000_000,
    maxResponseBytes: 100_000,
    // A picture comes over a phone's connection.
    timeoutMs: 30_000,
  },
];

const messageRoutes: Upstreams[string]['routes'] = [
  { ...list, query: page },
  {
    method: 'POST',
    path: [],
    accepts: json,
    requestTypes: json,
    maxRequestBytes: 64_000,
    maxResponseBytes: 100_000,
  },
  {
    method: 'GET',
    path: ['stream'],
    accepts: ['text/event-stream'],
    maxResponseBytes: 5_000_000,
    stream: { idleMs: 60_000, maxMs: 180_000 },
  },
];

export const upstreams: Upstreams = {
  contacts: { path: '/contacts', timeoutMs, routes: contactRoutes },
  messages: { path: '/messages', timeoutMs, routes: messageRoutes },
};
