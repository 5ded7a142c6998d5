import { describe, expect, it } from 'vitest';
import {
  classifyNavigation,
  isCrossOriginSubresource,
  isPrefetch,
  isSameOriginRequest,
  type NavigationKind,
} from './fetch-metadata';

const appOrigin = 'https://app.example';
const navigation = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' };

const navigations: [name: string, kind: NavigationKind, headers: Record<string, string>][] = [
  ['a link on our page', 'same_origin', { ...navigation, 'sec-fetch-site': 'same-origin' }],
  ['a link on another site', 'cross_origin', { ...navigation, 'sec-fetch-site': 'cross-site' }],
  ['a link on a sibling site', 'cross_origin', { ...navigation, 'sec-fetch-site': 'same-site' }],
  ['an address typed by hand', 'cross_origin', { ...navigation, 'sec-fetch-site': 'none' }],
  ['an unknown site value', 'cross_origin', { ...navigation, 'sec-fetch-site': 'Same-Origin' }],
  ['an image', 'subresource', { 'sec-fetch-dest': 'image', 'sec-fetch-site': 'cross-site' }],
  ['a frame', 'subresource', { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'same-origin' }],
  ['a script', 'subresource', { 'sec-fetch-dest': 'script', 'sec-fetch-site': 'cross-site' }],
  ['a fetch', 'subresource', { 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' }],
  ['an older browser from our page', 'same_origin', { referer: `${appOrigin}/sign-in` }],
  ['an older browser from elsewhere', 'cross_origin', { referer: 'https://evil.example/' }],
  ['a referrer that starts like ours', 'cross_origin', { referer: 'https://app.example.evil.example/' }],
  [
    'a referrer with our address as user name',
    'cross_origin',
    { referer: 'https://app.example@evil.example/' },
  ],
  ['a referrer over http', 'cross_origin', { referer: 'http://app.example/' }],
  ['a broken referrer', 'cross_origin', { referer: 'app.example' }],
  ['no header at all', 'unknown', {}],
];

const prefetches: [name: string, headers: Record<string, string>][] = [
  ['the router’s prefetch', { 'next-router-prefetch': '1' }],
  ['a segment prefetch', { 'next-router-segment-prefetch': '/_tree' }],
  ['a middleware prefetch', { 'x-middleware-prefetch': '1' }],
  ['Purpose: prefetch', { purpose: 'prefetch' }],
  ['Sec-Purpose: prefetch;prerender', { 'sec-purpose': 'prefetch;prerender' }],
  ['Sec-Purpose: Prerender', { 'sec-purpose': 'Prerender' }],
  ['X-Moz: prefetch', { 'x-moz': 'prefetch' }],
];

describe('a GET that would start a sign-in', () => {
  it.each(navigations)('AZ-06: %s is classified as %s', (_name, kind, headers) => {
    expect(classifyNavigation(new Headers(headers), appOrigin)).toBe(kind);
  });

  it.each(prefetches)('AZ-07: %s starts no sign-in, even from our own page', (_name, headers) => {
    const own = { ...navigation, 'sec-fetch-site': 'same-origin', ...headers };
    expect(classifyNavigation(new Headers(own), appOrigin)).toBe('prefetch');
    expect(isPrefetch(new Headers(own))).toBe(true);
  });

  it.each([['rsc'], ['next-action']])(
    'AZ-07: a request of the router with %s starts no sign-in, and is no prefetch',
    (name) => {
      const headers = new Headers({ ...navigation, 'sec-fetch-site': 'same-origin', [name]: '1' });
      expect(classifyNavigation(headers, appOrigin)).toBe('prefetch');
      expect(isPrefetch(headers)).toBe(false);
    },
  );

  it('AZ-07: an ordinary navigation is no prefetch', () => {
    expect(isPrefetch(new Headers(navigation))).toBe(false);
  });
});

const requests: [isSameOrigin: boolean, headers: Record<string, string>][] = [
  [true, { origin: appOrigin, 'sec-fetch-site': 'same-origin' }],
  [true, { origin: appOrigin }],
  [true, { 'sec-fetch-site': 'same-origin' }],
  [false, {}],
  [false, { origin: 'null' }],
  [false, { origin: 'null', 'sec-fetch-site': 'same-origin' }],
  [false, { origin: 'https://evil.example' }],
  [false, { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
  [false, { origin: 'https://app.example.evil.example' }],
  [false, { origin: 'https://app.example:8443' }],
  [false, { origin: 'http://app.example' }],
  [false, { origin: `${appOrigin}/` }],
  [false, { origin: 'HTTPS://APP.EXAMPLE' }],
  [false, { origin: appOrigin, 'sec-fetch-site': 'cross-site' }],
  [false, { origin: appOrigin, 'sec-fetch-site': 'same-site' }],
  [false, { 'sec-fetch-site': 'none' }],
  [false, { origin: appOrigin, 'sec-fetch-site': 'none' }],
  [false, { referer: `${appOrigin}/dashboard` }],
  [false, { 'x-forwarded-host': 'app.example', host: 'app.example' }],
];

describe('a request that changes something', () => {
  it.each(requests)('CS-01: comes from our own origin: %s, with %j', (isSameOrigin, headers) => {
    expect(isSameOriginRequest(new Headers(headers), appOrigin)).toBe(isSameOrigin);
  });
});

const subresources: [isCrossOrigin: boolean, headers: Record<string, string>][] = [
  [true, { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe' }],
  [true, { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'iframe' }],
  [true, { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'script' }],
  [true, { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'empty' }],
  [true, { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'object' }],
  [true, { 'sec-fetch-site': 'cross-site' }],
  [false, { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' }],
  [false, { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'document' }],
  [false, { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' }],
  [false, { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document' }],
  [false, {}],
];

describe('a request that another page may have caused', () => {
  it.each(subresources)(
    'CS-06: is a subresource of another origin: %s, with %j',
    (isCrossOrigin, headers) => {
      expect(isCrossOriginSubresource(new Headers(headers))).toBe(isCrossOrigin);
    },
  );
});
