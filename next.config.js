import { createHash } from 'node:crypto';
import { PHASE_PRODUCTION_BUILD } from 'next/constants.js';
import { findBasePathProblem } from './lib/strongroom/base/base-path.ts';
import { digestSources } from './scripts/source-digest.ts';

/** Next fixes it in the build; AUTH_URL ends with it (docs/configuration.md). */
const basePath = process.env.BASE_PATH?.trim() ?? '';
const problem = basePath === '' ? null : findBasePathProblem(basePath);
if (problem !== null) throw new Error(`BASE_PATH=${basePath} ${problem}.`);

/** @type {import('next').NextConfig} */
const config = {
  output: 'standalone',
  basePath,
  // For the core (lib/strongroom/base/base-path.ts), on the server and in browsers.
  env: { BASE_PATH: basePath },
  // Of the sources, so that two builds of them are the same (scripts/compare-builds.ts).
  generateBuildId: () => digestSources(import.meta.dirname, process.env).buildId,
  // Three bundles would each have a copy of it.
  serverExternalPackages: ['undici'],
  poweredByHeader: false,
  reactStrictMode: true,
  // Types are checked by `npm run typecheck`, once and strictly.
  typescript: { ignoreBuildErrors: true },
  // `next dev` prints addresses: those of the callback hold codes.
  logging: { incomingRequests: { ignore: [/^\/auth\//] } },
  // No image is ever fetched on behalf of a user, so that nothing of what would resize it is in the output.
  images: { unoptimized: true },
  outputFileTracingExcludes: { '*': ['node_modules/sharp/**', 'node_modules/@img/**'] },
  // Next copies every body that passes proxy.ts; the server guard lets in less (lib/strongroom/server/validate-request.ts).
  // Nor may it write to the disk, which Node forbids (docs/decisions/0013-node-permissions.md).
  experimental: {
    // What stands in app/not-found.tsx is in every page.
    globalNotFound: true,
    proxyClientMaxBodySize: 512_000,
    isrFlushToDisk: false,
    // Where each build is the first, a cache is of no use, and writing it takes a third of the time.
    turbopackFileSystemCacheForBuild: process.env.CI !== 'true',
  },
  // Headers that every answer has are set by the server guard (lib/strongroom/base/security-headers.ts).
  headers: async () => [
    // Next leaves out the character set.
    { source: '/icon.svg', headers: [{ key: 'Content-Type', value: 'image/svg+xml; charset=utf-8' }] },
  ],
};

/**
 * Next makes the ids of server actions with this key, at random in every build: pages of the build before could post
 * nothing. It is no secret: what is encrypted gets its key at the start (lib/strongroom/config/action-key.ts), and the
 * output holds none (scripts/finish-build.ts).
 */
const keyOfIds = createHash('sha256').update('strongroom action ids').digest('base64');

/** @param {string} phase */
export default function configure(phase) {
  if (phase === PHASE_PRODUCTION_BUILD) process.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY = keyOfIds;
  return config;
}
