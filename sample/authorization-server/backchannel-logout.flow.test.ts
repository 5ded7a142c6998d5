/**
 * Telling the application that a session ended: by its own request, by the person here, by another person's sign-in.
 */
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Browser } from './testing/browser.ts';
import type { Installation } from './testing/installation.ts';
import { createInstallation, requireLeft, requirePage } from './testing/installation.ts';
import type { LogoutReceiver } from './testing/logout-receiver.ts';
import { startLogoutReceiver } from './testing/logout-receiver.ts';
import type { RelyingParty } from './testing/relying-party.ts';

let site: Installation;
let app: RelyingParty;
beforeAll(async () => {
  site = await createInstallation();
  app = site.relyingParty();
});
afterAll(() => site.remove());

async function receive(isHanging = false): Promise<LogoutReceiver> {
  const receiver = await startLogoutReceiver(site.settings.appUrl, isHanging);
  onTestFinished(() => receiver.close());
  return receiver;
}

async function signIn(browser: Browser): Promise<string> {
  const answer = await site.signInAndAllow(browser, app.authorizationUrl());
  return String((await app.exchange(answer.get('code') ?? '')).body.id_token);
}

const signOutByHint = (browser: Browser, hint: string) =>
  browser.visit(`/oidc/logout?${new URLSearchParams({ id_token_hint: hint })}`);

/** What the application has to check, checked. @see OpenID Connect Back-Channel Logout §2.4 and §2.6 */
async function expectLogoutToken(receiver: LogoutReceiver, idToken: string): Promise<void> {
  const { path, contentType, token } = await receiver.next();
  expect(path).toBe('/auth/backchannel-logout');
  expect(contentType).toContain('application/x-www-form-urlencoded');
  const keys = createRemoteJWKSet(new URL(`${site.settings.issuer}/.well-known/jwks.json`));
  const { protectedHeader, payload } = await jwtVerify(token, keys, {
    issuer: site.settings.issuer,
    audience: site.secrets.clientId,
    typ: 'logout+jwt',
  });
  const { sid, sub } = decodeJwt(idToken);
  expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'logout+jwt' });
  expect(payload).toMatchObject({
    sid,
    sub,
    iat: expect.any(Number),
    exp: expect.any(Number),
    jti: expect.any(String),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  });
  expect(payload).not.toHaveProperty('nonce');
}

it('tells the application that asked for the sign-out itself', async () => {
  const receiver = await receive();
  const browser = site.browser();
  const idToken = await signIn(browser);
  await signOutByHint(browser, idToken);
  await expectLogoutToken(receiver, idToken);
});

it('tells the application when the person signs out on the pages here', async () => {
  const receiver = await receive();
  const browser = site.browser();
  const idToken = await signIn(browser);
  const question = requirePage(await browser.visit('/oidc/logout'));
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(question.html)?.[1] ?? '';
  const end = await browser.submit(question, '/confirm', [
    ['xsrf', xsrf],
    ['logout', 'yes'],
  ]);
  expect(requirePage(end).html).toContain('You are signed out');
  await expectLogoutToken(receiver, idToken);
});

it('tells the application when another person signs in over the session', async () => {
  const receiver = await receive();
  const browser = site.browser();
  const idToken = await signIn(browser);
  await site.signInAndAllow(browser, app.authorizationUrl({ prompt: 'login' }), 'linus');
  await expectLogoutToken(receiver, idToken);
});

it('keeps the session id when the same person signs in again', async () => {
  const browser = site.browser();
  const first = decodeJwt(await signIn(browser));
  const page = requirePage(await browser.visit(app.authorizationUrl({ prompt: 'login' })));
  const answer = requireLeft(await site.signIn(browser, page, 'ada'));
  const { body } = await app.exchange(answer.get('code') ?? '');
  expect(decodeJwt(String(body.id_token)).sid).toBe(first.sid);
});

it('an application that is away does not hold up the sign-out', async () => {
  const browser = site.browser();
  const end = await signOutByHint(browser, await signIn(browser));
  expect(requirePage(end).html).toContain('You are signed out');
  expect(site.events.map(({ event }) => event)).toContain('backchannel_logout_failed');
});

it('an application that never answers is given up', async () => {
  await receive(true);
  const before = site.events.length;
  const browser = site.browser();
  const end = await signOutByHint(browser, await signIn(browser));
  expect(requirePage(end).html).toContain('You are signed out');
  const failure = site.events.slice(before).find(({ event }) => event === 'backchannel_logout_failed');
  expect(failure?.fields.reason).toContain('timeout');
});
