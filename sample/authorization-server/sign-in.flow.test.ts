/**
 * The sign-in page and what follows from it, over HTTP, as a browser without scripts sees it.
 */
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Installation } from './testing/installation.ts';
import { askedOn, createInstallation, requireLeft, requirePage, tick } from './testing/installation.ts';
import type { RelyingParty } from './testing/relying-party.ts';

let site: Installation;
let app: RelyingParty;
beforeAll(async () => {
  site = await createInstallation();
  app = site.relyingParty();
});
afterAll(() => site.remove());

function verify(token: unknown, audience: string) {
  const keys = createRemoteJWKSet(new URL(`${site.settings.issuer}/.well-known/jwks.json`));
  return jwtVerify(String(token), keys, { issuer: site.settings.issuer, audience });
}

it('RFC 9068: a sign-in ends with a JWT access token for the API and a profile in the ID token', async () => {
  const answer = await site.signInAndAllow(site.browser(), app.authorizationUrl());
  expect(answer.get('state')).toBe('state-of-the-test');
  expect(answer.get('iss')).toBe(site.settings.issuer);
  const { status, body } = await app.exchange(answer.get('code') ?? '');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    token_type: 'Bearer',
    expires_in: site.settings.accessTokenLifetimeSec,
    scope: 'read:contacts read:messages write:messages',
    refresh_token: expect.any(String),
  });
  const access = await verify(body.access_token, site.settings.apiIdentifier);
  expect(access.protectedHeader).toMatchObject({ alg: 'RS256', typ: 'at+jwt', kid: expect.any(String) });
  expect(access.payload).toMatchObject({
    sub: expect.stringMatching(/^usr_/),
    client_id: site.secrets.clientId,
    scope: body.scope,
    jti: expect.any(String),
    auth_time: expect.any(Number),
    acr: 'urn:harbour-id:acr:password',
  });
  const { payload } = await verify(body.id_token, site.secrets.clientId);
  expect(payload).toMatchObject({
    sub: access.payload.sub,
    nonce: 'nonce-of-the-test',
    name: 'Ada Lindqvist',
    email: site.emailOf('ada'),
    sid: expect.any(String),
    auth_time: access.payload.auth_time,
  });
  const picture = await fetch(String(payload.picture));
  expect(picture.headers.get('content-type')).toContain('image/svg+xml');
  expect(await picture.text()).toContain('AL');
});

it('a wrong password keeps what was typed, and the right one goes on from there', async () => {
  const browser = site.browser();
  const signIn = requirePage(await browser.visit(app.authorizationUrl()));
  expect(signIn.html).toContain('Strongroom asks you to sign in.');
  expect(signIn.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(signIn.headers.get('cache-control')).toBe('no-store');
  const wrong = requirePage(
    await browser.submit(signIn, '/login', [
      ['email', '"><b>@strongroom.test'],
      ['password', 'not <this>'],
    ]),
  );
  expect(wrong.status).toBe(401);
  expect(wrong.html).toContain('That e-mail and password do not match.');
  expect(wrong.html).toContain('value="&quot;&gt;&lt;b&gt;@strongroom.test"');
  expect(wrong.html).not.toContain('not <this>');
  const consent = requirePage(await site.signIn(browser, wrong, 'grace'));
  expect(consent.html).toContain('You are signed in as Grace Okafor');
  expect(requireLeft(await browser.submit(consent, '/consent', tick(...askedOn(consent)))).has('code')).toBe(
    true,
  );
});

it('signs in again without asking, with a refresh token, also in a new session', async () => {
  await site.signInAndAllow(site.browser(), app.authorizationUrl());
  const browser = site.browser();
  const signIn = requirePage(await browser.visit(app.authorizationUrl()));
  const first = requireLeft(await site.signIn(browser, signIn, 'ada'));
  const second = requireLeft(await browser.visit(app.authorizationUrl({ prompt: 'none' })));
  for (const answer of [first, second]) {
    const { body } = await app.exchange(answer.get('code') ?? '');
    expect(body.refresh_token).toEqual(expect.any(String));
  }
});

it('keeps sessions, consents and keys over a restart', async () => {
  const browser = site.browser();
  await site.signInAndAllow(browser, app.authorizationUrl());
  const response = await fetch(`${site.settings.issuer}/.well-known/jwks.json`);
  const keys = createLocalJWKSet((await response.json()) as Parameters<typeof createLocalJWKSet>[0]);
  await site.restart();
  const answer = requireLeft(await browser.visit(app.authorizationUrl()));
  const { body } = await app.exchange(answer.get('code') ?? '');
  await expect(jwtVerify(String(body.access_token), keys)).resolves.toBeTruthy();
});

it('asks for a fresh sign-in when max_age says so (OpenID Connect Core §3.1.2.1)', async () => {
  const browser = site.browser();
  await site.signInAndAllow(browser, app.authorizationUrl());
  const again = requirePage(await browser.visit(app.authorizationUrl({ max_age: '0' })));
  expect(again.html).toContain(`value="${site.emailOf('ada')}"`);
  const answer = requireLeft(await site.signIn(browser, again, 'ada'));
  const { body } = await app.exchange(answer.get('code') ?? '');
  const { payload } = await verify(body.id_token, site.secrets.clientId);
  expect(payload.auth_time).toEqual(expect.any(Number));
});

it('lets another person sign in over a session and forgets the first', async () => {
  const browser = site.browser();
  await site.signInAndAllow(browser, app.authorizationUrl());
  const url = app.authorizationUrl({ prompt: 'login', scope: 'openid email' });
  const answer = await site.signInAndAllow(browser, url, 'linus');
  const { body } = await app.exchange(answer.get('code') ?? '');
  const { payload } = await verify(body.id_token, site.secrets.clientId);
  expect(payload.email).toBe(site.emailOf('linus'));
});

it('cancelling answers access_denied with state and iss', async () => {
  const browser = site.browser();
  const signIn = requirePage(await browser.visit(app.authorizationUrl()));
  const answer = requireLeft(await browser.submit(signIn, '/abort', []));
  expect(Object.fromEntries(answer)).toMatchObject({
    error: 'access_denied',
    state: 'state-of-the-test',
    iss: site.settings.issuer,
  });
});

it('blocks an account after five failures, says for how long, and logs nothing that was typed', async () => {
  const browser = site.browser();
  let page = requirePage(await browser.visit(app.authorizationUrl()));
  for (let failure = 0; failure < 6; failure += 1)
    page = requirePage(
      await browser.submit(page, '/login', [
        ['email', 'Nobody@strongroom.test'],
        ['password', 'pa55-that-must-not-be-logged'],
      ]),
    );
  expect(page.status).toBe(429);
  expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(page.html).toMatch(/Too many tries did not match\. Nothing was signed in; wait \d+ minutes/);
  expect(site.events.map(({ event }) => event)).toContain('sign_in_blocked');
  expect(JSON.stringify(site.events)).not.toMatch(/pa55|Nobody/i);
});
