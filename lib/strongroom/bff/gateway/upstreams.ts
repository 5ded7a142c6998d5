/** The shape of the adopter's table: what scripts of our own pages may ask for through `/api/gateway/<name>/…`. Pure. */
import type { Config } from '../../config/parse-config';

export type GatewayMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type GatewayRoute = {
  method: GatewayMethod;
  /** Below the base URL, one entry for each segment; `:name` stands for any one. */
  path: readonly string[];
  /** Parameters of the query that are passed on, each with the most characters that it may have. */
  query?: Readonly<Record<string, number>>;
  /** Media types of a good response. Scripts see JSON, anything else becomes a download; markup is always rejected. */
  accepts: readonly string[];
  /** Of a JSON body; 0: the route takes none. */
  maxRequestBytes: number;
  maxResponseBytes: number;
};

export type Upstream = {
  /** From the configuration alone: no part of a request chooses scheme, host or port. */
  baseUrl: (config: Pick<Config, 'apiBaseUrl'>) => string;
  /** `session`: the access token is attached, which only works at the API that it was issued for. `none`: never. */
  token: 'session' | 'none';
  /** Whole time for one response, its last byte included. */
  timeoutMs: number;
  routes: readonly GatewayRoute[];
};

export type Upstreams = Readonly<Record<string, Upstream>>;
