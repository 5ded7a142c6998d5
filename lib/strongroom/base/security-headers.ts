/**
 * The content security policy of a page, and the security headers of every response. Pure.
 * @see CSP Level 3
 */
import { plainStyleSource } from './plain-document';

export type PageSecurity = {
  /** Random, and new for each response. */
  nonce: string;
  isHttps: boolean;
  /** Hot reload evaluates code and injects styles, which a build never does. */
  isDevelopment: boolean;
  /** Where pictures of users may be, besides here. */
  pictureOrigin: string;
};

export function contentSecurityPolicy({
  nonce,
  isHttps,
  isDevelopment,
  pictureOrigin,
}: PageSecurity): string {
  const scripts = isDevelopment
    ? `'self' 'unsafe-eval' 'nonce-${nonce}'`
    : `'self' 'nonce-${nonce}' 'strict-dynamic'`;
  // A plain page of the core has a policy of its own too, and both apply.
  const styles = isDevelopment ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}' ${plainStyleSource}`;
  const directives = [
    "default-src 'self'",
    `script-src ${scripts}`,
    `style-src ${styles}`,
    `img-src 'self' data: ${pictureOrigin}`,
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    ...(isHttps ? ['upgrade-insecure-requests'] : []),
  ];
  return directives.join('; ');
}

/**
 * For whatever depends on the session. `private` is for caches that ignore `no-store`.
 * @see RFC 9111 §5.2.2.5, §5.2.2.7
 */
export const privateCacheControl = 'private, no-store';

type FixedHeaders = {
  /** Value of the header of this name; null over http. */
  strictTransportSecurity: string | null;
  path: string;
};

/**
 * The headers of every response: pages, data, files and redirects alike.
 * @param path an address below /auth may carry a code, so it is sent to no other page as the referrer. RFC
 *   9700 §4.2.4
 */
export function fixedHeaders({ strictTransportSecurity, path }: FixedHeaders): Record<string, string> {
  return {
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': path.includes('/auth/') ? 'no-referrer' : 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(strictTransportSecurity ? { 'Strict-Transport-Security': strictTransportSecurity } : {}),
  };
}
