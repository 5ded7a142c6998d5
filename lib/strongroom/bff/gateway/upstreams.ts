/**
 * The shape of the adopter's table: what our own pages may ask the API for through `/api/gateway/<name>/…`.
 * Pure.
 * @see decision 0012
 */
import type { ApiName } from '../../config/declaration';

/**
 * The image types that can pass. None of them is markup, so nothing that the API sends can run as a page of
 * ours.
 */
type ImageType = 'image/png' | 'image/jpeg' | 'image/webp';
export type MediaType = 'application/json' | 'text/event-stream' | ImageType;

export type GatewayRoute = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the upstream's path, one entry for each segment; `:name` stands for any one. */
  path: readonly string[];
  /** Parameters of the query that are passed on, each with the most characters that it may have. */
  query?: Readonly<Record<string, number>>;
  /** Media types of a good response. Images are shown inline, and browsers may keep them for their `ETag`. */
  accepts: readonly MediaType[];
  /**
   * Media types of the request's body, and its size; a route without them takes no body. Up to 64 KB can be
   * sent again after a 401.
   */
  requestTypes?: readonly (ImageType | 'application/json')[];
  maxRequestBytes?: number;
  maxResponseBytes: number;
  /** Whole time for one exchange, its last byte included: that of the upstream when left out. */
  timeoutMs?: number;
  /**
   * For `text/event-stream`: after so much silence or time the stream ends, and `EventSource` comes back with
   * `Last-Event-ID`.
   */
  stream?: { idleMs: number; maxMs: number };
};

export type Upstream = {
  /** The declared API that it is a part of: the first when left out. */
  api?: ApiName;
  /**
   * Below the base URL of the API, such as `/invoices`: no part of a request chooses scheme, host or port.
   */
  path: string;
  /**
   * Whole time for one exchange, its last byte included; with a stream, up to the headers of the response.
   */
  timeoutMs: number;
  routes: readonly GatewayRoute[];
};

export type Upstreams = Readonly<Record<string, Upstream>>;

export function isImageType(type: string): boolean {
  return /^image\/(?:png|jpeg|webp)$/.test(type);
}
