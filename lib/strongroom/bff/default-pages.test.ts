import { createHash } from 'node:crypto';
import { NextRequest } from 'next/server';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { plainPolicy } from '../base/plain-document';
import { plainRejectionPage } from '../server/plain-rejection-page';
import { createTestJar } from '../testing/cookie-jar';
import { testDeclaration } from '../testing/declaration';
import { useEnvironment } from '../testing/environment';
import { authRoutes } from './auth-routes';

vi.mock('../session/next-cookies', () => ({ requestCookies: async () => createTestJar() }));
beforeEach(() => useEnvironment({}, { productName: '<b>Ledger</b>', paths: { afterSignIn: '/account' } }));

const { GET } = authRoutes();
const open = async (path: string) => {
  const response = await GET(new NextRequest(`https://app.example${path}`));
  return { status: response.status, headers: response.headers, html: await response.text() };
};

describe('the pages of the core, for an application without its own', () => {
  it('HD-01, AZ-07: ask to sign in, and come back to the page; nothing starts or runs by itself', async () => {
    const page = await open('/auth/please-sign-in?return_to=/account%3Fa%3D1&reason=idle');
    expect(page.status).toBe(200);
    expect(page.html).toContain('Your session has ended');
    expect(page.html).toContain('href="/auth/sign-in?return_to=%2Faccount%3Fa%3D1"');
    expect(page.html).not.toMatch(/<script|<b>|http-equiv/);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('RD-01: lead to no other site, whatever the address says', async () => {
    for (const target of ['//evil.example', 'https://evil.example', '/auth/sign-out', '/a&return_to=/b'])
      expect((await open(`/auth/please-sign-in?return_to=${target}`)).html).toContain(
        'href="/auth/sign-in?return_to=%2Faccount"',
      );
  });

  it('say what went wrong by our own codes, with the status and the reference', async () => {
    const page = await open('/auth/problem?code=access_denied&ref=ABCD-2345&return_to=/account');
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('Access was not granted')]);
    expect(page.html).toContain('Reference ABCD-2345 · access_denied');
    const unknown = await open('/auth/problem?code=%3Cscript%3E&ref=%3Cscript%3E');
    expect([unknown.status, unknown.html]).toEqual([500, expect.not.stringContaining('script>')]);
    const busy = await open('/auth/problem?code=rate_limited&wait=7');
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '7']);
  });

  it('say that the user is signed out, and where they may not be', async () => {
    expect((await open('/auth/signed-out')).html).toContain('Nothing about you is kept');
    expect((await open('/auth/signed-out?left=no_logout')).html).toContain('You may still be signed in at');
  });

  it('LK-01: do not exist beside pages of the application', async () => {
    useEnvironment();
    expect(testDeclaration.paths.problem).toBe('/sign-in/problem');
    for (const name of ['please-sign-in', 'problem', 'signed-out'])
      expect((await open(`/auth/${name}`)).status).toBe(404);
  });
});

it('HD-01: the page for a rejected request has the style whose hash is allowed, and nothing from outside', () => {
  const page = plainRejectionPage('<b>Ledger</b>');
  const html = page.render({ status: 413, reference: 'ABCD-2345', appUrl: 'https://app.example' });
  expect(html).toContain(`<style>${page.style}</style>`);
  const hash = createHash('sha256').update(page.style).digest('base64');
  expect(plainPolicy).toContain(`style-src 'sha256-${hash}';`);
  expect(html).toContain('It is too large.');
  expect(html).not.toMatch(/<script|<b>/);
});
