/**
 * Takes Next's proxy out of the standalone output, where the server guard does its work
 * (lib/strongroom/sign-in/page-guard.ts), and writes down what the guard has to know about the addresses of the build.
 * `.next` itself keeps the proxy, for `next start`.
 * @see docs/decisions/0025-the-guard-loads-the-session.md
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

const [pageRoutes, routesOfNext] = ['.next/page-routes.json', '.next/routes-manifest.json'];

const route = z.looseObject({ regex: z.string() });
const routesManifest = z.looseObject({
  version: z.literal(3),
  basePath: z.string(),
  redirects: z.array(route.extend({ internal: z.boolean().optional() })),
  headers: z.array(route),
  rewrites: z.strictObject({
    beforeFiles: z.array(route),
    afterFiles: z.array(route),
    fallback: z.array(route),
  }),
  staticRoutes: z.array(route),
  dynamicRoutes: z.array(route),
  dataRoutes: z.array(route),
});
type RoutesManifest = z.infer<typeof routesManifest>;

/** The texts of proxy.ts and of app/healthz/route.ts. */
export type MountSources = { proxy: string; health: string };

/** Code of the adopter's own in proxy.ts stays, and so does Next's proxy. */
export function replaceProxy(target: string, sources: MountSources): 'replaced' | 'kept' {
  const path = join(target, '.next/server/functions-config-manifest.json');
  const { functions, ...rest } = functionsManifest.parse(JSON.parse(readFileSync(path, 'utf8')));
  const { '/_middleware': proxy, ...others } = functions;
  if (!isMountAlone(sources.proxy) || proxy.matchers.some((one) => 'has' in one || 'missing' in one))
    return 'kept';
  writeFileSync(path, JSON.stringify({ ...rest, functions: others }));
  const manifest = routesManifest.parse(JSON.parse(readFileSync(join(target, routesOfNext), 'utf8')));
  const routes: PageRoutes = {
    guarded: proxy.matchers.map(({ regexp }) => regexp),
    served: [...listServed(manifest), ...listFiles(join(target, 'public'))],
    isAliveOurs: isHealthMountAlone(sources.health) && !isConfigured('/healthz', manifest),
  };
  writeFileSync(join(target, pageRoutes), JSON.stringify(routes));
  return 'replaced';
}

/** Undoes it: pages are reached through Next's proxy again, as with `next start`. @param next the folder `.next` */
export function restoreProxy(target: string, next: string): void {
  const manifest = '.next/server/functions-config-manifest.json';
  rmSync(join(target, pageRoutes));
  cpSync(join(next, '..', manifest), join(target, manifest));
}

/** Whether the only code of proxy.ts is the mount of ours. */
export function isMountAlone(source: string): boolean {
  return /^export \{ proxy \} from 'strongroom\/proxy';\s*export const config = \{[^;]*\};?$/.test(
    codeOf(source),
  );
}

/** Whether health checks get what the core says, and nothing of the adopter's. */
export function isHealthMountAlone(source: string): boolean {
  return /^import \{ health \} from 'strongroom\/routes';\s*export const dynamic = 'force-dynamic';\s*export const GET = health\.alive;?$/.test(
    codeOf(source),
  );
}

function codeOf(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').trim();
}

/** Whether the adopter's next.config.js has a header for this address, or leads it elsewhere. */
function isConfigured(path: string, { basePath, redirects, headers, rewrites }: RoutesManifest): boolean {
  const own = [...redirects.filter(({ internal }) => !internal), ...headers, ...rewrites.beforeFiles];
  return own.some(({ regex }) => [path, basePath + path].some((address) => new RegExp(regex).test(address)));
}

function listServed({ redirects, rewrites, staticRoutes, dynamicRoutes, dataRoutes }: RoutesManifest) {
  const { beforeFiles, afterFiles, fallback } = rewrites;
  return [
    ...[redirects, beforeFiles, afterFiles, fallback, staticRoutes, dynamicRoutes, dataRoutes].flat(),
  ].map(({ regex }) => regex);
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return names.map((name) => `^/${name.replaceAll('\\', '/').replace(/[^\w/-]/g, '\\$&')}$`);
}
