/**
 * What the build knows about its addresses: which of them pass the page guard, and which lead nowhere. The build
 * writes it down when it takes Next's proxy out of the output (scripts/finish-build.ts). Pure.
 */
import { withBasePath } from '../base/base-path';

/** Regular expressions, as Next writes them. */
export type PageRoutes = {
  /** The `matcher` of proxy.ts, with the base path. */
  guarded: readonly string[];
  /** Pages, routes, files, redirects and rewrites, with the base path or without. */
  served: readonly string[];
  /** Whether the route for health checks is `health.alive` and nothing else: the guard answers in its place. */
  isAliveOurs: boolean;
};

export type RouteMatcher = {
  /** @param path the path of an address of this application, without the base path */
  isGuarded(path: string): boolean;
  /** Whether Next has nothing at this address; where its spelling is odd, Next is asked. */
  isUnknown(path: string): boolean;
};

export function matchRoutes({ guarded, served }: Omit<PageRoutes, 'isAliveOurs'>): RouteMatcher {
  const [guard, serve] = [joined(guarded), joined(served)];
  return {
    isGuarded: (path) => spellingsOf(withBasePath(path)).some((spelling) => guard.test(spelling)),
    isUnknown: (path) =>
      !isOfNext.test(path) &&
      !spellingsOf(path.replace(dataSuffix, '')).some(
        (spelling) => serve.test(spelling) || serve.test(withBasePath(spelling)),
      ),
  };
}

/** Next's own, what it redirects, and what it may read in another way. */
const isOfNext = /^\/_next\/|\/\/|\\|.\/$/;

/** Of the files of the router. */
const dataSuffix = /\.segments\/.*$|\.rsc$/;

/** An empty list matches nothing. */
function joined(expressions: readonly string[]): RegExp {
  return new RegExp(expressions.length === 0 ? '(?!)' : expressions.map((one) => `(?:${one})`).join('|'));
}

/** Next compares both. */
function spellingsOf(path: string): string[] {
  if (!path.includes('%')) return [path];
  try {
    return [path, decodeURIComponent(path)];
  } catch {
    return [path];
  }
}
