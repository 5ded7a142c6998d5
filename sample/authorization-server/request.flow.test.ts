/**
 * Authorization requests in every form: by POST, pushed, for the API, for userinfo, and those that are rejected.
 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
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

const elsewhere = 'https://other.test';

it('accepts an authorization request by POST', async () => {
  const page = requirePage(
    await site.browser().visit('/authorize', { method: 'POST', body: app.parameters() }),
  );
  expect(page.html).toContain('<h1>Sign in</h1>');
});

it('RFC 7636: a request without PKCE is rejected', async () => {
  const url = app.authorizationUrl({ code_challenge: undefined, code_challenge_method: undefined });
  expect(requireLeft(await site.browser().visit(url)).get('error')).toBe('invalid_request');
});

it.each(['audience', 'resource'])('names the API by its %s', async (parameter) => {
  const url = app.authorizationUrl({ [parameter]: site.settings.apiIdentifier });
  const answer = await site.signInAndAllow(site.browser(), url);
  const { body } = await app.exchange(answer.get('code') ?? '');
  expect(decodeJwt(String(body.access_token)).aud).toBe(site.settings.apiIdentifier);
});

it('RFC 8707: an unknown audience or resource is rejected', async () => {
  const { apiIdentifier } = site.settings;
  for (const changes of [
    { audience: elsewhere },
    { resource: elsewhere },
    { audience: elsewhere, resource: apiIdentifier },
    { audience: apiIdentifier, resource: elsewhere },
  ]) {
    const answer = requireLeft(await site.browser().visit(app.authorizationUrl(changes)));
    expect(answer.get('error')).toBe('invalid_target');
  }
});

it('RFC 9126: a pushed request keeps its audience, and whoever allowed it stays signed in', async () => {
  const pushed = await app.post('/oauth/par', app.parameters({ audience: site.settings.apiIdentifier }));
  expect(pushed.status).toBe(201);
  const { request_uri } = (await pushed.json()) as { request_uri: string };
  const query = new URLSearchParams({ client_id: site.secrets.clientId, request_uri });
  const answer = await site.signInAndAllow(site.browser(), `/authorize?${query}`);
  const { body } = await app.exchange(answer.get('code') ?? '');
  expect(decodeJwt(String(body.access_token)).aud).toBe(site.settings.apiIdentifier);
  expect(body.refresh_token).toEqual(expect.any(String));
  const again = requireLeft(await site.browser().visit(`/authorize?${query}`));
  expect(again.get('error')).toBe('invalid_request_uri');
});

it('RFC 9126: an unknown audience is rejected when it is pushed', async () => {
  const pushed = await app.post('/oauth/par', app.parameters({ audience: elsewhere }));
  expect(await pushed.json()).toMatchObject({ error: 'invalid_target' });
});

it('gives a userinfo token when no permission of the API is asked for', async () => {
  const url = app.authorizationUrl({ scope: 'openid profile email' });
  const answer = await site.signInAndAllow(site.browser(), url);
  const { body } = await app.exchange(answer.get('code') ?? '');
  const userinfo = await fetch(`${site.settings.issuer}/userinfo`, {
    headers: { Authorization: `Bearer ${body.access_token}` },
  });
  expect(await userinfo.json()).toMatchObject({ name: 'Ada Lindqvist', email_verified: true });
});

it('rejects forms that another origin sent', async () => {
  const browser = site.browser();
  const page = requirePage(await browser.visit(app.authorizationUrl()));
  const action = /action="([^"]+\/login)"/.exec(page.html)?.[1] ?? '';
  const body = new URLSearchParams({ email: site.emailOf('ada'), password: site.passwordOf('ada') });
  for (const header of [
    ['Origin', 'https://evil.test'],
    ['Origin', 'null'],
    ['Sec-Fetch-Site', 'cross-site'],
  ] as [string, string][]) {
    const refused = requirePage(await browser.visit(action, { method: 'POST', body, headers: [header] }));
    expect(refused.status).toBe(403);
  }
});

it('rejects the form of a browser that did not open the page', async () => {
  const page = requirePage(await site.browser().visit(app.authorizationUrl()));
  const stranger = requirePage(await site.signIn(site.browser(), page, 'ada'));
  expect(stranger.status).toBe(400);
  expect(stranger.html).toContain('This sign-in is no longer open');
  expect(stranger.html).toMatch(/Reference <code>[0-9a-f]{8}<\/code>/);
});

it('never sends a browser to an address that is not registered', async () => {
  const url = app.authorizationUrl({ redirect_uri: 'https://evil.test/callback' });
  const page = requirePage(await site.browser().visit(url));
  expect(page.status).toBe(400);
  expect(page.html).toContain('not registered');
});
