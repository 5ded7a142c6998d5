import { NextRequest } from 'next/server';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pagesOfTheCore } from '../bff/default-pages';
import { allowedMethods, authRoutes } from '../server/validate-request';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { mountAuthRoutes } from './auth-routes';

vi.mock('../session/next-cookies', () => ({ requestCookies: async () => createTestJar() }));
beforeEach(() => useEnvironment({}, { paths: {} }));

const mounted = mountAuthRoutes(async () => {}, pagesOfTheCore);
const at = (path: string) => new NextRequest(`https://app.example${path}`);

describe('the mount of the routes below /auth', () => {
  it.each(authRoutes)('CB-29: serves %s, which the server guard lets through', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST'] as const) {
      const { status } = await mounted[method](at(path));
      expect(status, method).not.toBe(404);
      // The guard rejects methods that no route has, so it must know every method that is here.
      if (status !== 405) expect(allowedMethods(path), method).toContain(method);
    }
  });

  it.each(['/auth', '/auth/session', '/auth/callback', '/auth/callback/other', '/auth/constructor'])(
    'LK-01: %s does not exist',
    async (path) => {
      for (const method of ['GET', 'HEAD', 'POST'] as const)
        expect((await mounted[method](at(path))).status, method).toBe(404);
    },
  );

  it('names the methods of a route to a request with another one', async () => {
    const response = await mounted.POST(at('/auth/status'));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });
});
