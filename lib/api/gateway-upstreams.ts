/**
 * What our own pages may ask for through `/api/gateway/<name>/…`: this table and nothing else. An adopter edits it. Pure.
 * @see decision 0012
 */
import type { Config } from '@/lib/strongroom/config/parse-config';

export const gatewayMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type GatewayMethod = (typeof gatewayMethods)[number];

export type GatewayRoute = {
  method: GatewayMethod;
  /** Below the base URL, one entry for each segment; `:name` stands for any one. */
  path: readonly string[];
  /** Parameters of the query that are passed on, each with the most characters that it may have. */
  query?: Readonly<Record<string, number>>;
  /** Media types of a good answer. JSON is shown to scripts, anything else becomes a download; markup is rejected whatever stands here. */
  accepts: readonly string[];
  /** Of a JSON body; 0: the route takes none. */
  maxRequestBytes: number;
  maxResponseBytes: number;
};

export type Upstream = {
  /** From the configuration alone: nothing of a request chooses scheme, host or port. */
  baseUrl: (config: Config) => string;
  /** `session`: the access token is attached, which only works at the API that it was issued for. `none`: never, whoever asks. */
  token: 'session' | 'none';
  /** Whole time for one answer, its last byte included. */
  timeoutMs: number;
  routes: readonly GatewayRoute[];
};

export type Upstreams = Readonly<Record<string, Upstream>>;

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
