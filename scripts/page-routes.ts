/**
 * Takes Next's proxy out of the standalone output, where the server guard does its work
 * (lib/strongroom/sign-in/page-guard.ts), and writes down what the guard has to know about the addresses of the build.
 * `.next` itself keeps the proxy, for `next start`.
 * @see docs/decisions/0025-the-guard-loads-the-session.md
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PageRoutes } from '../lib/strongroom/server/page-routes.ts';

const functionsManifest = z.strictObject({
  version: z.literal(1),
  functions: z.looseObject({
    '/_middleware': z.looseObject({
      runtime: z.literal('nodejs'),
      matchers: z.array(z.looseObject({ regexp: z.string() })),
    }),
  }),
});

const route = z.looseObject({ regex: z.string() });
const routesManifest = z.looseObject({
  version: z.literal(3),
  redirects: z.array(route),
  rewrites: z.strictObject({
    beforeFiles: z.array(route),
    afterFiles: z.array(route),
    fallback: z.array(route),
  }),
  staticRoutes: z.array(route),
  dynamicRoutes: z.array(route),
  dataRoutes: z.array(route),
});

/** @param proxySource the text of proxy.ts: code of the adopter's own in it stays, and so does Next's proxy */
export function replaceProxy(target: string, proxySource: string): 'replaced' | 'kept' {
  const path = join(target, '.next/server/functions-config-manifest.json');
  const { functions, ...rest } = functionsManifest.parse(JSON.parse(readFileSync(path, 'utf8')));
  const { '/_middleware': proxy, ...others } = functions;
  if (!isMountAlone(proxySource) || proxy.matchers.some((one) => 'has' in one || 'missing' in one))
    return 'kept';
  writeFileSync(path, JSON.stringify({ ...rest, functions: others }));
  const routes: PageRoutes = {
    guarded: proxy.matchers.map(({ regexp }) => regexp),
    served: [...listServed(join(target, '.next/routes-manifest.json')), ...listFiles(join(target, 'public'))],
  };
  writeFileSync(join(target, '.next/page-routes.json'), JSON.stringify(routes));
  return 'replaced';
}

/** Whether the only code of proxy.ts is the mount of ours. */
export function isMountAlone(source: string): boolean {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').trim();
  return /^export \{ proxy \} from 'strongroom\/proxy';\s*export const config = \{[^;]*\};?$/.test(code);
}

function listServed(path: string): string[] {
  const manifest = routesManifest.parse(JSON.parse(readFileSync(path, 'utf8')));
  const { beforeFiles, afterFiles, fallback } = manifest.rewrites;
  const { redirects, staticRoutes, dynamicRoutes, dataRoutes } = manifest;
  return [
    ...[redirects, beforeFiles, afterFiles, fallback, staticRoutes, dynamicRoutes, dataRoutes].flat(),
  ].map(({ regex }) => regex);
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return names.map((name) => `^/${name.replaceAll('\\', '/').replace(/[^\w/-]/g, '\\$&')}$`);
}
