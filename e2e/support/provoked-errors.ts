/** Forty ways to make the application say that something is wrong. */
import type { RawRequest } from './raw-request.ts';

const callback = '/auth/callback/provider';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

export const provokedErrors: [name: string, path: string, request: RawRequest][] = [
  ...[
    '',
    '?code=x',
    '?state=x',
    '?code=x&state=x',
    '?error=server_error&error_description=%3Cb%3Eat+oracle%3A1521',
    '?code=a&code=b',
    '?state=%00',
    '?iss=http%3A%2F%2Fevil.example',
    '?access_token=x',
    `?code=${'a'.repeat(5_000)}`,
  ].map((query): [string, string, RawRequest] => [`callback ${query.slice(0, 40)}`, callback + query, {}]),
  ...['%', '%ff', '%00', '%c0%af', 'x'.repeat(3_000), '..%2f..%2fetc%2fpasswd', '[id]', '__proto__'].map(
    (segment): [string, string, RawRequest] => [
      `contact ${segment.slice(0, 20)}`,
      `/dashboard/contacts/${segment}`,
      {},
    ],
  ),
  ...[
    'constructor',
    '__proto__',
    'internal_error',
    'store_unavailable',
    'configuration_invalid',
    '%3Cscript%3E',
  ].map((code): [string, string, RawRequest] => [
    `problem ${code}`,
    `/sign-in/problem?code=${code}&ref=7KXM-Q2DZ`,
    {},
  ]),
  ['global error', '/_global-error', {}],
  ['not found', '/_not-found', {}],
  ['a page number', '/dashboard/contacts?page=1e309&q[]=x&q=y', {}],
  [
    'a form that is none',
    '/auth/sign-out',
    { method: 'POST', headers: { 'content-type': 'multipart/form-data' }, body: 'x' },
  ],
  [
    'a logout token',
    '/auth/back-channel-logout',
    { method: 'POST', headers: form, body: 'logout_token=a.b.c' },
  ],
  [
    'an action of another build',
    '/dashboard/messages',
    { method: 'POST', headers: { 'next-action': '0'.repeat(42) }, body: '[]' },
  ],
  [
    'an action without sense',
    '/dashboard/messages',
    { method: 'POST', headers: { 'next-action': 'x' }, body: '{' },
  ],
  ['router state', '/dashboard', { headers: { rsc: '1', 'next-router-state-tree': '{' } }],
  ['a range', '/robots.txt', { headers: { range: 'bytes=9-1' } }],
  ['a rejected token', '/auth/refresh?rejected=x&return_to=%00', {}],
  ['a step-up', '/auth/sign-in?step_up=x&permission=x', {}],
];
