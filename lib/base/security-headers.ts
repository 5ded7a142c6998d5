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

/** On every answer, whoever makes it. */
export const everyAnswerHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;
