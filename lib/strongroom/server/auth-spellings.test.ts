import { describe, expect, it } from 'vitest';
import { isNearAuthRoute } from './auth-spellings';
import { authRoutes } from './validate-request';

describe('addresses below /auth', () => {
  it.each([
    ...authRoutes,
    '/auth/callback/provider?code=x',
    '/auth/callback/provider/',
    '/dashboard?x=/auth/x',
    '/authors',
    '/docs/auth/intro',
    '/callbacks/auth',
    '/',
    '/%',
  ])('CB-29: %s does not resemble a route by mistake', (target) =>
    expect(isNearAuthRoute(target)).toBe(false),
  );

  it.each([
    '/auth',
    '/auth/callback/Provider?code=x',
    '/auth/callback/other?code=x',
    '/auth/callback%2fprovider?code=x',
    '/auth%2Fcallback/provider?code=x',
    '/auth/callback/provider/x?code=x',
    '/auth//callback/provider?code=x',
    '/AUTH/callback/provider?code=x',
    '/%61uth/callback/provider?code=x',
    '/auth/%63allback/provider?code=x',
    '/%2561uth/callback/provider?code=x',
    '/%25252561uth/callback/provider?code=x',
    '/x/../auth/callback/provider?code=x',
    '/_next/static/%2e%2e/%2e%2e/auth/callback/provider?code=x',
    '/_next/static/..%2f..%2fauth/callback/provider?code=x',
    '//auth/callback/provider?code=x',
    '/\\auth\\callback\\provider?code=x',
    '/auth%5ccallback%5cprovider?code=x',
    '/auth;x=1/callback/provider?code=x',
    '/auth./callback/provider?code=x',
    '/auth%20/callback/provider?code=x',
    '/auth%00/callback/provider?code=x',
    '/auth/callback/provider%3fcode=x',
    '/auth/callback/provider#?code=x',
    '/%ef%bd%81uth/callback/provider?code=x',
    '/en/auth/callback/provider?code=x',
    '/_next/data/build/auth/callback/provider.json?code=x',
    '/api/auth/callback/keycloak?code=x',
    '/auth/callback/provider.rsc?code=x',
  ])('CB-28, CB-29: %s resembles a route and is none', (target) =>
    expect(isNearAuthRoute(target)).toBe(true),
  );
});
