/**
 * Requests that have led past the guards of Next.js applications, or were meant to: spellings of a protected
 * address, headers that the framework talks to itself with, methods.
 * @see CVE-2025-29927, CVE-2026-44573 to -44575, CVE-2026-45109, CVE-2026-64642
 */
import type { RawRequest } from './raw-request.ts';

export type SignInTransaction = [name: string, path: string, request: RawRequest];

const five = (name: string) => Array.from({ length: 5 }, () => name).join(':');
const subrequests = ['middleware', 'src/middleware', 'proxy', 'src/proxy', 'pages/_middleware'];

const headers: [name: string, headers: Record<string, string>][] = [
  ...subrequests.flatMap((name): [string, Record<string, string>][] => [
    [`subrequest ${name}`, { 'x-middleware-subrequest': name }],
    [`subrequest ${name} five times`, { 'x-middleware-subrequest': five(name) }],
  ]),
  ['router data', { rsc: '1' }],
  ['router data ahead', { rsc: '1', 'next-router-prefetch': '1' }],
  ['router data of the tree', { rsc: '1', 'next-router-segment-prefetch': '/_tree' }],
  ['router data of the page', { rsc: '1', 'next-router-segment-prefetch': '/dashboard/__PAGE__' }],
  [
    'router state',
    { rsc: '1', 'next-router-state-tree': '["",{"children":["dashboard",{}]},null,"refetch"]' },
  ],
  ['next-url', { rsc: '1', 'next-url': '/' }],
  ['x-nextjs-data', { 'x-nextjs-data': '1' }],
  ['x-middleware-prefetch', { 'x-middleware-prefetch': '1' }],
  ['x-middleware-next', { 'x-middleware-next': '1' }],
  ['x-middleware-invoke', { 'x-middleware-invoke': '1' }],
  ['x-middleware-rewrite', { 'x-middleware-rewrite': '/dashboard' }],
  [
    'x-middleware-override-headers',
    { 'x-middleware-override-headers': 'cookie', 'x-middleware-request-cookie': 'strongroom=1' },
  ],
  ['x-middleware-set-cookie', { 'x-middleware-set-cookie': 'strongroom=1' }],
  [
    'x-invoke-path',
    { 'x-invoke-path': '/dashboard', 'x-invoke-status': '200', 'x-invoke-output': '/dashboard' },
  ],
  ['x-matched-path', { 'x-matched-path': '/dashboard', 'x-now-route-matches': '1=dashboard' }],
  ['x-rewrite-url', { 'x-rewrite-url': '/healthz', 'x-original-url': '/healthz' }],
  ['x-forwarded-uri', { 'x-forwarded-uri': '/healthz', 'x-forwarded-prefix': '/healthz' }],
  ['x-prerender-revalidate', { 'x-prerender-revalidate': 'undefined' }],
  ['x-next-revalidated-tags', { 'x-next-revalidated-tags': 'a', 'x-next-revalidate-tag-token': 'undefined' }],
  ['a user that a gateway would name', { 'x-forwarded-user': 'ada', 'x-user': 'ada', 'remote-user': 'ada' }],
  ['a bearer token that is none', { authorization: 'Bearer x' }],
  ['a session that is none', { cookie: 'strongroom=1; __Host-strongroom=1; strongroom.0=1' }],
  ['a prefetch', { 'sec-purpose': 'prefetch;prerender', purpose: 'prefetch' }],
];

const kinds: [name: string, request: RawRequest][] = [
  [
    'a form',
    { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1' },
  ],
  ['an action that nobody has', { method: 'POST', headers: { 'next-action': '0'.repeat(42) }, body: '[]' }],
  ['a resumed rendering', { method: 'POST', headers: { 'next-resume': '1' }, body: '2:{}' }],
  [
    'a method in a header',
    { method: 'POST', headers: { 'x-http-method-override': 'GET', 'x-method-override': 'GET' } },
  ],
  ['HEAD', { method: 'HEAD' }],
  ['OPTIONS', { method: 'OPTIONS' }],
  ['PUT', { method: 'PUT' }],
  ['PROPFIND', { method: 'PROPFIND' }],
  [
    'a websocket',
    {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
      // Next leaves such a connection open, and says nothing.
      timeoutMs: 500,
    },
  ],
];

/** Ways to write the address of the contacts. */
const spellings = [
  '/dashboard/contacts.rsc',
  '/dashboard/contacts?_rsc=1',
  '/dashboard/contacts.segments/_tree.segment.rsc',
  '/dashboard/contacts.segments/dashboard/contacts/__PAGE__.segment.rsc',
  '/dashboard/contacts.json',
  '/dashboard/contacts.txt',
  '/dashboard/contacts/page',
  '/dashboard/contacts/index',
  '/dashboard/contacts/',
  '/dashboard/contacts.',
  '/dashboard/contacts/.',
  '/dashboard/contacts/x/..',
  '//dashboard/contacts',
  '/.//dashboard/contacts',
  '/./dashboard/contacts',
  '/x/../dashboard/contacts',
  '/x/%2e%2e/dashboard/contacts',
  '/x/..%2fdashboard/contacts',
  '/healthz/../dashboard/contacts',
  '/_next/static/../../dashboard/contacts',
  '/_next/static/%2e%2e/%2e%2e/dashboard/contacts',
  '/icon.svg/../dashboard/contacts',
  '/%64ashboard/contacts',
  '/dashboard%2fcontacts',
  '/dashboard%5ccontacts',
  '/dashboard\\contacts',
  '/dashboard;x=1/contacts',
  '/dashboard/contacts;x.js',
  '/dashboard/contacts%3bx.js',
  '/dashboard/contacts/x.css',
  '/dashboard/contacts%2fx.css',
  '/dashboard/contacts?x.css',
  '/dashboard/contacts%00',
  '/dashboard/contacts%00.css',
  '/dashboard/contacts%0a',
  '/dashboard/contacts%20',
  '/dashboard/contacts%23',
  '/DASHBOARD/CONTACTS',
  '/Dashboard/contacts',
  '/dashboard/CONTACTS',
  '/en/dashboard/contacts',
  '/default/dashboard/contacts',
  '/app/dashboard/contacts/page',
  '/src/app/dashboard/contacts/page',
  '/_next/data/build/dashboard/contacts.json',
  '/_next/data/development/dashboard/contacts.json',
  '/_next/image?url=%2Fdashboard%2Fcontacts&w=64&q=75',
  '/_next/rsc/dashboard/contacts',
  '/dashboard/contacts?nxtPid=1',
  '/dashboard/contacts/1?nxtPid=c_1&id=c_1',
  '/sign-in?nxtPid=1&nextInternalLocale=en&__nextLocale=en&__nextDataReq=1',
  '/?__nextDefaultLocale=en&amp=1&__flight__=1',
];

export const bypassCorpus: readonly SignInTransaction[] = [
  ...headers.map(([name, sent]): SignInTransaction => [name, '/dashboard/contacts', { headers: sent }]),
  ...kinds.map(([name, request]): SignInTransaction => [name, '/dashboard/contacts', request]),
  ...spellings.map((path): SignInTransaction => [path, path, {}]),
];
