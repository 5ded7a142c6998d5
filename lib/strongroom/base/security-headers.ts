/** The security headers of every page. Pure. @see CSP Level 3, requirements HD-01 and HD-02 */

export type PageSecurity = {
  /** Random for each response. */
  nonce: string;
  isHttps: boolean;
  /** Hot reload evaluates code and injects styles. */
  isDevelopment: boolean;
  /** Origins of the authorization server: where a sign-out form may lead to, and whose pictures may be shown. */
  serverOrigins: readonly string[];
};

export function contentSecurityPolicy({
  nonce,
  isHttps,
  isDevelopment,
  serverOrigins,
}: PageSecurity): string {
  const servers = serverOrigins.join(' ');
  const scripts = isDevelopment
    ? `'self' 'unsafe-eval' 'nonce-${nonce}'`
    : `'self' 'nonce-${nonce}' 'strict-dynamic'`;
  const styles = isDevelopment ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`;
  const directives = [
    "default-src 'self'",
    `script-src ${scripts}`,
    `style-src ${styles}`,
    `img-src 'self' data: ${servers}`,
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    `form-action 'self' ${servers}`,
    ...(isHttps ? ['upgrade-insecure-requests'] : []),
  ];
  return directives.join('; ');
}

/** `no-store` wherever a session decides what is shown. @see RFC 9111 §5.2.2.5 */
export const privateCacheControl = 'private, no-store';

export const strictTransportSecurity = 'max-age=63072000; includeSubDomains';

/** What every answer says, pages, data, files and redirects alike. @param path addresses under /auth carry codes: they are nobody's referrer (RFC 9700 §4.2.4) */
export function fixedHeaders({ isHttps, path }: { isHttps: boolean; path: string }): Record<string, string> {
  return {
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': path.includes('/auth/') ? 'no-referrer' : 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(isHttps ? { 'Strict-Transport-Security': strictTransportSecurity } : {}),
  };
}
