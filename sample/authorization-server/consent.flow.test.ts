/**
 * What a person allows, turns down, and is asked again.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Browser } from './testing/browser.ts';
import type { Installation, Person } from './testing/installation.ts';
import { askedOn, createInstallation, requireLeft, requirePage, tick } from './testing/installation.ts';
import type { RelyingParty } from './testing/relying-party.ts';

let site: Installation;
let app: RelyingParty;
beforeEach(async () => {
  site = await createInstallation();
  app = site.relyingParty();
});
afterEach(() => site.remove());

/** Signs in a person who has not decided anything yet; returns the browser on the consent page. */
async function reachConsent(person: Person, changes: Record<string, string> = {}) {
  const browser = site.browser();
  const signIn = requirePage(await browser.visit(app.authorizationUrl(changes)));
  return { browser, consent: requirePage(await site.signIn(browser, signIn, person)) };
}

async function signInScopes(browser: Browser, changes: Record<string, string> = {}) {
  const answer = requireLeft(await browser.visit(app.authorizationUrl(changes)));
  const { body } = await app.exchange(answer.get('code') ?? '');
  return { scope: body.scope, refreshToken: body.refresh_token };
}

it('declining answers access_denied with state and iss, and remembers nothing', async () => {
  const { browser, consent } = await reachConsent('grace');
  const answer = requireLeft(await browser.submit(consent, '/abort', []));
  expect(Object.fromEntries(answer)).toMatchObject({
    error: 'access_denied',
    state: 'state-of-the-test',
    iss: site.settings.issuer,
  });
  const again = requirePage(await browser.visit(app.authorizationUrl()));
  expect(askedOn(again)).toHaveLength(4);
});

it('an unticked permission narrows the scope, is not asked again, and is asked with prompt=consent', async () => {
  const { browser, consent } = await reachConsent('grace');
  const answer = requireLeft(
    await browser.submit(consent, '/consent', tick('read:contacts', 'offline_access')),
  );
  const { body } = await app.exchange(answer.get('code') ?? '');
  expect(body.scope).toBe('read:contacts');
  expect((await signInScopes(browser)).scope).toBe('read:contacts');

  const prompted = requirePage(await browser.visit(app.authorizationUrl({ prompt: 'consent' })));
  expect(askedOn(prompted)).toEqual(['read:messages', 'write:messages']);
  expect(prompted.html).toMatch(/Already allowed[\s\S]*Read your contacts[\s\S]*Stay signed in/);
  requireLeft(await browser.submit(prompted, '/consent', tick('read:messages')));
  expect((await signInScopes(browser)).scope).toBe('read:contacts read:messages');
});

it('prompt=consent with nothing left to ask shows the page once and goes on', async () => {
  const { browser, consent } = await reachConsent('ada', { scope: 'openid read:contacts' });
  requireLeft(await browser.submit(consent, '/consent', tick('read:contacts', 'offline_access')));
  const url = app.authorizationUrl({ scope: 'openid read:contacts', prompt: 'consent' });
  const prompted = requirePage(await browser.visit(url));
  expect(askedOn(prompted)).toEqual([]);
  const answer = requireLeft(await browser.submit(prompted, '/consent', []));
  expect(answer.has('code')).toBe(true);
});

it('a request for more asks only for the new permission and keeps the earlier ones', async () => {
  const browser = site.browser();
  await site.signInAndAllow(browser, app.authorizationUrl({ scope: 'openid read:contacts' }));
  const scope = 'openid read:contacts write:messages';
  const more = requirePage(await browser.visit(app.authorizationUrl({ scope })));
  expect(askedOn(more)).toEqual(['write:messages']);
  const answer = requireLeft(await browser.submit(more, '/consent', tick('write:messages')));
  const { body } = await app.exchange(answer.get('code') ?? '');
  expect(body.scope).toBe('read:contacts write:messages');
});

it('a permission granted in one browser holds in another that was signed in before', async () => {
  const early = site.browser();
  await site.signInAndAllow(early, app.authorizationUrl({ scope: 'openid read:contacts' }));
  const scope = 'openid read:contacts read:messages';
  await site.signInAndAllow(site.browser(), app.authorizationUrl({ scope }));
  expect((await signInScopes(early, { scope })).scope).toBe('read:contacts read:messages');
});

it('without "Stay signed in" there is no refresh token', async () => {
  const { browser, consent } = await reachConsent('linus');
  const answer = requireLeft(await browser.submit(consent, '/consent', tick('read:contacts')));
  const { body } = await app.exchange(answer.get('code') ?? '');
  expect(body.refresh_token).toBeUndefined();
  expect(body.scope).toBe('read:contacts');
});

it('to change contacts is a permission of its own, asked for in words and carried in the scope', async () => {
  const { browser, consent } = await reachConsent('ada', { scope: 'openid read:contacts write:contacts' });
  expect(askedOn(consent)).toEqual(['read:contacts', 'write:contacts', 'offline_access']);
  expect(consent.html).toContain('Change your contacts');
  const answer = requireLeft(await browser.submit(consent, '/consent', tick('write:contacts')));
  const { body } = await app.exchange(answer.get('code') ?? '');
  expect(body.scope).toBe('write:contacts');
});
