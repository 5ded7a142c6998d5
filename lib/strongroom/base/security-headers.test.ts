import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, fixedHeaders, privateCacheControl } from './security-headers';

const page = {
  nonce: 'bm9uY2U=',
  isHttps: true,
  isDevelopment: false,
  pictureOrigin: 'https://issuer.example',
};

function directivesOf(policy: string): Record<string, string> {
  return Object.fromEntries(
    policy.split('; ').map((directive) => {
      const [name = '', ...values] = directive.trim().split(' ');
      return [name, values.join(' ')];
    }),
  );
}

describe('the content security policy', () => {
  it('HD-01: allows only scripts with the nonce, without unsafe-inline or unsafe-eval', () => {
    const directives = directivesOf(contentSecurityPolicy(page));
    expect(directives['script-src']).toBe("'self' 'nonce-bm9uY2U=' 'strict-dynamic'");
    expect(contentSecurityPolicy(page)).not.toMatch(/unsafe-/);
  });

  it.each([
    ['default-src', "'self'"],
    ['object-src', "'none'"],
    ['base-uri', "'none'"],
    ['frame-ancestors', "'none'"],
    ['connect-src', "'self'"],
    ['font-src', "'self'"],
    ['form-action', "'self'"],
    ['img-src', "'self' data: https://issuer.example"],
    ['upgrade-insecure-requests', ''],
  ])('HD-01: %s is "%s"', (name, value) => {
    expect(directivesOf(contentSecurityPolicy(page))[name]).toBe(value);
  });

  it('does not ask for an upgrade where there is no https to upgrade to', () => {
    expect(contentSecurityPolicy({ ...page, isHttps: false })).not.toContain('upgrade-insecure-requests');
  });

  it('allows what hot reload needs in development only', () => {
    expect(contentSecurityPolicy({ ...page, isDevelopment: true })).toContain("'unsafe-eval'");
  });

  it('HD-02, HD-03: HSTS is sent as configured, and private pages are not stored', () => {
    const path = '/dashboard';
    const strictTransportSecurity = 'max-age=63072000';
    expect(fixedHeaders({ strictTransportSecurity, path })).toMatchObject({
      'Strict-Transport-Security': strictTransportSecurity,
    });
    expect(fixedHeaders({ strictTransportSecurity: null, path })).not.toHaveProperty(
      'Strict-Transport-Security',
    );
    expect(privateCacheControl).toBe('private, no-store');
  });
});
