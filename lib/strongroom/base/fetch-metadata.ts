/**
 * Tells our own pages from everybody else's by the headers that a browser sets and a page cannot. Pure.
 * @see Fetch Metadata (Sec-Fetch-*), Fetch §3.1 (Origin), requirements AZ-06, AZ-07 and CS-01
 */

type RequestHeaders = Pick<Headers, 'get'>;

/**
 * What a request to start something by GET is:
 * `own`: a person followed a link on our page; `foreign`: somebody arrived from elsewhere and should be asked first;
 * `speculative`: a prefetch or a data request that must start nothing; `embedded`: a frame, image or script of another page.
 */
export type NavigationKind = 'same_origin' | 'other' | 'prefetch' | 'subresource';

export function classifyNavigation(headers: RequestHeaders, appOrigin: string): NavigationKind {
  if (isPrefetchOrData(headers)) return 'prefetch';
  const upstream = headers.get('sec-fetch-dest');
  if (upstream !== null && upstream !== 'document') return 'subresource';
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' ? 'same_origin' : 'other';
  // A browser without fetch metadata: the referrer is what is left.
  return isSameOriginAddress(headers.get('referer'), appOrigin) ? 'same_origin' : 'other';
}

/** Prefetches and prerenders: made by software ahead of a click that may never come. */
export function isPrefetch(headers: RequestHeaders): boolean {
  const purpose = `${headers.get('purpose') ?? ''} ${headers.get('sec-purpose') ?? ''} ${headers.get('x-moz') ?? ''}`;
  if (/prefetch|prerender/i.test(purpose)) return true;
  return hasAny(headers, ['next-router-prefetch', 'next-router-segment-prefetch', 'x-middleware-prefetch']);
}

/** A page that asks by itself, such as on a timer, marks its requests with this header: they keep nobody signed in. */
export const backgroundHeader = 'x-strongroom-background';

export function isBackground(headers: RequestHeaders): boolean {
  return headers.get(backgroundHeader) !== null;
}

/** Prefetches, and the router's data requests and actions: nothing that may leave our site. */
function isPrefetchOrData(headers: RequestHeaders): boolean {
  return isPrefetch(headers) || hasAny(headers, ['rsc', 'next-action']);
}

function hasAny(headers: RequestHeaders, names: readonly string[]): boolean {
  return names.some((name) => headers.get(name) !== null);
}

/**
 * Whether another page fetches or frames what people should only look at by going there: an image, a script, a frame, a `fetch`. Whatever they
 * would get, or how long it takes, would tell that page who is signed in. @see Fetch Metadata, requirements CS-05 to CS-07
 */
export function isCrossOriginSubresource(headers: RequestHeaders): boolean {
  const site = headers.get('sec-fetch-site');
  const isCrossOrigin = site === 'cross-site' || site === 'same-site';
  return isCrossOrigin && headers.get('sec-fetch-dest') !== 'document';
}

/** Whether a state-changing request comes from our own pages. A missing `Origin` needs fetch metadata in its place. */
export function isSameOriginRequest(headers: RequestHeaders, appOrigin: string): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  return origin === null ? site === 'same-origin' : origin === appOrigin;
}

function isSameOriginAddress(address: string | null, appOrigin: string): boolean {
  return address !== null && URL.parse(address)?.origin === appOrigin;
}
