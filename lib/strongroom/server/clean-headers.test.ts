import { expect, it } from 'vitest';
import { cleanHeaders } from './clean-headers';

const clean = (headers: Record<string, string>) => cleanHeaders(headers, 'https://app.example', '192.0.2.1');

it.each([
  ...['x-middleware-subrequest', 'x-middleware-rewrite', 'x-middleware-next', 'x-middleware-set-cookie'],
  ...['x-invoke-path', 'x-invoke-status', 'x-matched-path', 'x-now-route-matches', 'x-nextjs-data'],
  ...['x-nextjs-rewrite', 'x-next-resume-state-length', 'next-resume', 'x-prerender-revalidate'],
  ...['x-original-url', 'x-rewrite-url', 'x-original-uri', 'x-http-method-override', 'x-method-override'],
  ...['x-forwarded-uri', 'x-forwarded-prefix', 'x-forwarded-server', 'x-forwarded-port', 'forwarded'],
  ...['x-host', 'x-real-ip', 'x-vercel-id', 'range', 'if-range', 'if-match', 'if-unmodified-since'],
])('HO-05: %s does not reach Next', (name) => {
  expect(clean({ [name]: 'evil' })).not.toHaveProperty(name);
});

it('HO-01, HO-03: host, scheme and client address are replaced, whatever was sent', () => {
  expect(
    clean({
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '203.0.113.9',
    }),
  ).toEqual({
    host: 'app.example',
    'x-forwarded-host': 'app.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '192.0.2.1',
  });
});

it('keeps what browsers and Next’s own pages send', () => {
  const headers = {
    cookie: 'a=b',
    rsc: '1',
    'next-router-state-tree': 'x',
    'next-router-prefetch': '1',
    'next-action': 'id',
    'x-middleware-prefetch': '1',
    'sec-fetch-site': 'same-origin',
    origin: 'https://app.example',
  };
  expect(clean(headers)).toMatchObject(headers);
});

it('RL-05: of a user agent Next sees no more than 512 characters', () => {
  expect(clean({ 'user-agent': 'a'.repeat(15_000) })['user-agent']).toHaveLength(512);
  expect(clean({ 'user-agent': 'Mozilla/5.0' })['user-agent']).toBe('Mozilla/5.0');
});
