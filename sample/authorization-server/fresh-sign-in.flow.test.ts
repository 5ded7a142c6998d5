/**
 * Asking for a recent sign-in or for another kind of it, and what the tokens say afterwards.
 * @see RFC 9470 §4 to §6, OpenID Connect Core §3.1.2.1
 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { passwordAcr } from './authentication.ts';
import { ageSessions } from './testing/age-sessions.ts';
import type { Browser } from './testing/browser.ts';
import type { Installation } from './testing/installation.ts';
import { createInstallation, requireLeft, requirePage } from './testing/installation.ts';
import type { RelyingParty, TokenAnswer } from './testing/relying-party.ts';

let site: Installation;
let app: RelyingParty;
beforeAll(async () => {
  site = await createInstallation();
  app = site.relyingParty();
});
afterAll(() => site.remove());

const age = (bySec: number) => ageSessions(site.settings.stateFolder, bySec);

function claimsOf({ body }: TokenAnswer) {
  return { id: decodeJwt(String(body.id_token)), access: decodeJwt(String(body.access_token)) };
}

const exchange = (answer: URLSearchParams) => app.exchange(answer.get('code') ?? '');

async function signIn(browser: Browser, changes: Record<string, string> = {}): Promise<TokenAnswer> {
  return exchange(await site.signInAndAllow(browser, app.authorizationUrl(changes)));
}

it('max_age lets a sign-in pass that is young enough, with the time of that sign-in', async () => {
  const browser = site.browser();
  const first = claimsOf(await signIn(browser));
  const answer = requireLeft(await browser.visit(app.authorizationUrl({ max_age: '300' })));
  const second = claimsOf(await exchange(answer));
  expect(second.id.auth_time).toBe(first.id.auth_time);
  expect(second.access.auth_time).toBe(first.id.auth_time);
});

it('max_age asks again after an old sign-in, and every token then carries the new time', async () => {
  const browser = site.browser();
  await signIn(browser);
  age(600);
  const old = claimsOf(await exchange(requireLeft(await browser.visit(app.authorizationUrl()))));
  const page = requirePage(await browser.visit(app.authorizationUrl({ max_age: '300' })));
  expect(page.html).toContain('<h1>Sign in</h1>');
  const fresh = claimsOf(await exchange(requireLeft(await site.signIn(browser, page, 'ada'))));
  expect(Number(fresh.id.auth_time)).toBeGreaterThanOrEqual(Number(old.id.auth_time) + 600);
  expect(fresh.access.auth_time).toBe(fresh.id.auth_time);
});

it('max_age=0 always asks, as prompt=login does', async () => {
  const browser = site.browser();
  await signIn(browser);
  const page = requirePage(await browser.visit(app.authorizationUrl({ max_age: '0' })));
  expect(page.html).toContain('<h1>Sign in</h1>');
});

it('an old sign-in with prompt=none answers login_required', async () => {
  const browser = site.browser();
  await signIn(browser);
  age(600);
  const url = app.authorizationUrl({ max_age: '300', prompt: 'none' });
  expect(requireLeft(await browser.visit(url)).get('error')).toBe('login_required');
});

it.each(['-1', 'x', '1.5'])('max_age=%s is rejected', async (max_age) => {
  const answer = requireLeft(await site.browser().visit(app.authorizationUrl({ max_age })));
  expect(answer.get('error')).toBe('invalid_request');
});

it('OpenID Connect Core §12.2: a refresh keeps the time and the kind of the sign-in', async () => {
  const browser = site.browser();
  await signIn(browser);
  age(600);
  const url = app.authorizationUrl({ acr_values: passwordAcr });
  const first = await exchange(requireLeft(await browser.visit(url)));
  const second = await app.refresh(first.body.refresh_token);
  const third = await app.refresh(second.body.refresh_token);
  const { auth_time } = claimsOf(first).id;
  for (const answer of [first, second, third]) {
    expect(claimsOf(answer).id).toMatchObject({ auth_time, acr: passwordAcr });
    expect(claimsOf(answer).access).toMatchObject({ auth_time, acr: passwordAcr });
  }
});

it('acr_values that nobody can satisfy are a wish: the answer carries the acr that there is', async () => {
  const answer = await signIn(site.browser(), { acr_values: 'urn:demo:acr:key' });
  expect(claimsOf(answer).id.acr).toBe(passwordAcr);
  expect(claimsOf(answer).access.acr).toBe(passwordAcr);
});

it('a pushed request may ask for max_age and acr_values too', async () => {
  const browser = site.browser();
  await signIn(browser);
  age(600);
  const pushed = await app.post('/oauth/par', app.parameters({ max_age: '300', acr_values: passwordAcr }));
  const { request_uri } = (await pushed.json()) as { request_uri: string };
  const query = new URLSearchParams({ client_id: site.secrets.clientId, request_uri });
  const page = requirePage(await browser.visit(`/authorize?${query}`));
  const fresh = claimsOf(await exchange(requireLeft(await site.signIn(browser, page, 'ada'))));
  expect(fresh.id).toMatchObject({ auth_time: fresh.access.auth_time, acr: passwordAcr });
});
