/**
 * Tells requests of our own pages from those of other sites, by headers that browsers set and pages cannot.
 * Pure.
 * @see Fetch Metadata Request Headers §2, Fetch §3.2 (Origin)
 */

type RequestHeaders = Pick<Headers, 'get'>;

/**
 * What caused a GET request that would start something:
 * `same_origin`: the user followed a link on one of our pages;
 * `cross_origin`: the user arrived from another origin, or typed the address, and is asked before anything
 * starts;
 * `unknown`: a browser without fetch metadata sent no referrer (older iOS, privacy settings);
 * `prefetch`: the browser or the router fetched a page before any click, or fetched data, and nothing may
 * start;
 * `subresource`: a frame, image, script or fetch, which no user sees as a page.
 */
export type NavigationKind = 'same_origin' | 'cross_origin' | 'unknown' | 'prefetch' | 'subresource';

export function classifyNavigation(headers: RequestHeaders, appOrigin: string): NavigationKind {
  if (isPrefetch(headers) || isRouterRequest(headers)) return 'prefetch';
  const destination = headers.get('sec-fetch-dest');
  if (destination !== null && destination !== 'document') return 'subresource';
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' ? 'same_origin' : 'cross_origin';
  // A browser without fetch metadata still sends the referrer.
  const referrer = headers.get('referer');
  if (referrer === null) return 'unknown';
  return isSameOriginAddress(referrer, appOrigin) ? 'same_origin' : 'cross_origin';
}

/** Whether the browser or Next's router prefetched this for a click that may never come. */
export function isPrefetch(headers: RequestHeaders): boolean {
  const purpose = `${headers.get('purpose') ?? ''} ${headers.get('sec-purpose') ?? ''} ${headers.get('x-moz') ?? ''}`;
  if (/prefetch|prerender/i.test(purpose)) return true;
  return hasAny(headers, ['next-router-prefetch', 'next-router-segment-prefetch', 'x-middleware-prefetch']);
}

/**
 * The router fetches data and calls actions by scripts, which cannot follow a redirect to the authorization
 * server.
 */
function isRouterRequest(headers: RequestHeaders): boolean {
  return hasAny(headers, ['rsc', 'next-action']);
}

/**
 * Whether a browser shows the response as a page; one without fetch metadata cannot say so. What is saved by
 * "Save link as", and what a script reads, is none, and a page must not take its place. The router of Next
 * that gets a status navigates by itself.
 */
export function isForPage(headers: RequestHeaders): boolean {
  return (headers.get('sec-fetch-dest') ?? 'document') === 'document';
}

function hasAny(headers: RequestHeaders, names: readonly string[]): boolean {
  return names.some((name) => headers.get(name) !== null);
}

/**
 * Whether a page of another origin embeds or fetches this. What it received, or how long that took, would
 * tell the other page who is signed in, so only navigations from other origins are served.
 * @see Fetch Metadata Request Headers §2
 */
export function isCrossOriginSubresource(headers: RequestHeaders): boolean {
  const site = headers.get('sec-fetch-site');
  const isCrossOrigin = site === 'cross-site' || site === 'same-site';
  return isCrossOrigin && headers.get('sec-fetch-dest') !== 'document';
}

/**
 * Whether one of our own pages sent a request that changes something. Where `Origin` is missing, fetch
 * metadata must say so.
 */
export function isSameOriginRequest(headers: RequestHeaders, appOrigin: string): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  return origin === null ? site === 'same-origin' : origin === appOrigin;
}

/**
 * Whether the browser itself may have sent this POST, as it does to prove the key of a device: a form would show as a
 * document, and the fetch of another origin would name it. For a link of another site, the browser may say cross-site.
 */
export function isByBrowserItself(headers: RequestHeaders, appOrigin: string): boolean {
  const origin = headers.get('origin');
  const isForForm = (headers.get('sec-fetch-dest') ?? 'empty') !== 'empty';
  return !isForForm && (origin === null || origin === appOrigin);
}

function isSameOriginAddress(address: string, appOrigin: string): boolean {
  return URL.parse(address)?.origin === appOrigin;
}
