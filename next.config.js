import { everyAnswerHeaders } from './lib/base/security-headers.ts';

/** Also set by the front door, which is not there yet while the server starts. What needs a nonce or the configuration is added in proxy.ts. */
const headers = Object.entries(everyAnswerHeaders).map(([key, value]) => ({ key, value }));

/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  poweredByHeader: false,
  reactStrictMode: true,
  // Types are checked by `npm run typecheck`, once and strictly.
  typescript: { ignoreBuildErrors: true },
  // `next dev` prints addresses: those of the callback hold codes.
  logging: { incomingRequests: { ignore: [/^\/auth\//] } },
  // No image is ever fetched on behalf of a visitor.
  images: { unoptimized: true },
  headers: async () => [
    { source: '/:path*', headers },
    { source: '/((?!auth/).*)', headers: [{ key: 'Referrer-Policy', value: 'same-origin' }] },
    // Next leaves out the character set.
    { source: '/icon.svg', headers: [{ key: 'Content-Type', value: 'image/svg+xml; charset=utf-8' }] },
    // Addresses under /auth carry codes: they are nobody's referrer. RFC 9700 §4.2.4
    { source: '/auth/:path*', headers: [{ key: 'Referrer-Policy', value: 'no-referrer' }] },
  ],
};
