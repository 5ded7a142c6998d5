/**
 * Signing out of Harbour ID, asked by the application or by the person.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser } from './testing/browser.ts';
import type { Installation } from './testing/installation.ts';
import { createInstallation, requireLeft, requirePage } from './testing/installation.ts';
import type { RelyingParty } from './testing/relying-party.ts';

let site: Installation;
let app: RelyingParty;
beforeAll(async () => {
  site = await createInstallation();
  app = site.relyingParty();
});
afterAll(() => site.remove());

async function signIn(browser: Browser): Promise<Record<string, unknown>> {
  const answer = await site.signInAndAllow(browser, app.authorizationUrl());
  return (await app.exchange(answer.get('code') ?? '')).body;
}

function logoutUrl(parameters: Record<string, string> = {}): string {
  const all = {
    post_logout_redirect_uri: `${site.settings.appUrl}/signed-out`,
    state: 'bye',
    ...parameters,
  };
  return `/oidc/logout?${new URLSearchParams(all)}`;
}

it('a valid hint signs out without a question and returns with state', async () => {
  const browser = site.browser();
  const { id_token, refresh_token } = await signIn(browser);
  const { left } = await browser.visit(logoutUrl({ id_token_hint: String(id_token) }));
  expect(left?.href).toBe(`${site.settings.appUrl}/signed-out?state=bye`);
  expect(requirePage(await browser.visit(app.authorizationUrl())).html).toContain('<h1>Sign in</h1>');
  expect((await app.refresh(refresh_token)).status).toBe(200);
});

it('a second sign-out, with nobody signed in, returns at once too', async () => {
  const browser = site.browser();
  const { id_token } = await signIn(browser);
  const url = logoutUrl({ id_token_hint: String(id_token) });
  await browser.visit(url);
  expect(requireLeft(await browser.visit(url)).get('state')).toBe('bye');
});

it('without a hint the person is asked, and a button without script signs out', async () => {
  const browser = site.browser();
  await signIn(browser);
  const page = requirePage(await browser.visit(logoutUrl({ client_id: site.secrets.clientId })));
  expect(page.html).toContain('Sign out of Harbour ID?');
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  const answer = await browser.submit(page, '/confirm', [
    ['xsrf', xsrf],
    ['logout', 'yes'],
  ]);
  expect(requireLeft(answer).get('state')).toBe('bye');
  requirePage(await browser.visit(app.authorizationUrl()));
});

it('a hint about another person asks', async () => {
  const browser = site.browser();
  const { id_token } = await signIn(site.browser());
  await site.signInAndAllow(browser, app.authorizationUrl({ scope: 'openid' }), 'grace');
  const asked = requirePage(await browser.visit(logoutUrl({ id_token_hint: String(id_token) })));
  expect(asked.html).toContain('Sign out of Harbour ID?');
});

it('an address that is not registered is never followed', async () => {
  const browser = site.browser();
  const { id_token } = await signIn(browser);
  const url = logoutUrl({ id_token_hint: String(id_token), post_logout_redirect_uri: 'https://evil.test/' });
  expect(requirePage(await browser.visit(url)).status).toBe(400);
});

const readXsrf = (html: string) => /name="xsrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

it('the home page names who is signed in and leads to signing out, without any application', async () => {
  const browser = site.browser();
  expect(requirePage(await browser.visit('/')).html).toContain('Nobody is signed in here.');
  await signIn(browser);
  const home = requirePage(await browser.visit('/'));
  expect(home.html).toContain(`You are signed in as Ada Lindqvist (${site.emailOf('ada')}).`);
  expect(home.html).toContain('<form method="get" action="/oidc/logout">');
  const question = requirePage(await browser.visit('/oidc/logout?'));
  expect(question.html).not.toContain('asks you to sign out');
  const fields: [string, string][] = [
    ['xsrf', readXsrf(question.html)],
    ['logout', 'yes'],
  ];
  const end = requirePage(await browser.submit(question, '/confirm', fields));
  expect(end.html).toContain('You are signed out');
  expect(requirePage(await browser.visit('/')).html).toContain('Nobody is signed in here.');
});

it('whoever stays signed in is never told the opposite', async () => {
  const browser = site.browser();
  await signIn(browser);
  const question = requirePage(await browser.visit('/oidc/logout'));
  const stayed = await browser.submit(question, '/confirm', [['xsrf', readXsrf(question.html)]]);
  expect(requirePage(stayed).html).toContain('You are signed in as Ada Lindqvist');
  expect(requireLeft(await browser.visit(app.authorizationUrl())).has('code')).toBe(true);
});
