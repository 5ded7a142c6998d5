/**
 * The base path: where the application is served below a path of its host. Inside, in Next and in the core, a path
 * begins at the application (`/auth/sign-in`); outside, in what a browser or another server is given, it begins at the
 * host (`/portal/auth/sign-in`). One becomes the other here alone. For server and browser.
 */

/** Names of letters and digits, with single hyphens and underscores between them: no two readers differ about it. */
const shape = /^(?:\/[a-z\d]+(?:[-_][a-z\d]+)*)+$/i;
const maxChars = 100;

/** What is wrong with a base path, as the second half of a sentence, or null. */
export function findBasePathProblem(path: string): string | null {
  if (path.length <= maxChars && shape.test(path)) return null;
  return 'must be a path such as /portal or /tools/crm: it begins with a slash, does not end with one, and its names are letters and digits with single hyphens or underscores between them';
}

/**
 * '' at the root of the host. `next build` writes its `basePath` into the scripts of server and browser, by a name
 * of its own; what is not built by Next is told by the environment.
 */
export function basePath(): string {
  return process.env.__NEXT_ROUTER_BASEPATH ?? process.env.BASE_PATH ?? '';
}

/**
 * The address of a path of this application, for what a browser is given: `<a>`, `<form>`, `<img>`, `fetch`,
 * `EventSource`, a `Location`. What Next offers (`Link`, `redirect`, the router) adds the base path by itself.
 * @example
 * <a href={withBasePath('/invoices/export')}>Export</a>
 * await fetch(withBasePath('/api/gateway/invoices'));
 */
export function withBasePath(path: string): string {
  const base = basePath();
  // The home page is the base path itself: Next has no page at `/portal/`.
  return base + (base === '' ? path : path.replace(/^\/(?=[?#]|$)/, ''));
}

/** The path inside of the application that an address of its host means; null when that is outside of it. */
export function withoutBasePath(address: string): string | null {
  const base = basePath();
  if (base === '') return address;
  if (!address.startsWith(base)) return null;
  const rest = address.slice(base.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || /^[?#]/.test(rest) ? `/${rest}` : null;
}
