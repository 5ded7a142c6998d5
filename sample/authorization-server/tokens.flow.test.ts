/**
 * Refresh tokens: rotation, reuse, revocation, and what survives them.
 */
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Browser } from './testing/browser.ts';
import type { Installation } from './testing/installation.ts';
import { createInstallation, requireLeft } from './testing/installation.ts';
import type { RelyingParty } from './testing/relying-party.ts';

let site: Installation;
let app: RelyingParty;
beforeAll(async () => {
  site = await createInstallation();
  app = site.relyingParty();
});
afterAll(() => site.remove());

async function signIn(browser: Browser = site.browser()): Promise<Record<string, unknown>> {
  const answer = await site.signInAndAllow(browser, app.authorizationUrl());
  return (await app.exchange(answer.get('code') ?? '')).body;
}

it('a refresh token changes at each use and carries the same permissions', async () => {
  const first = await signIn();
  const second = await app.refresh(first.refresh_token);
  expect(second.status).toBe(200);
  expect(second.body.refresh_token).not.toBe(first.refresh_token);
  expect(second.body.scope).toBe(first.scope);
});

it('RFC 9700 §4.14.2: an old refresh token ends its family, and no other', async () => {
  const other = await signIn();
  const first = await signIn();
  const second = await app.refresh(first.refresh_token);
  expect((await app.refresh(first.refresh_token)).body.error).toBe('invalid_grant');
  expect((await app.refresh(second.body.refresh_token)).body.error).toBe('invalid_grant');
  expect(site.events.map(({ event }) => event)).toContain('reuse_detected');
  expect((await app.refresh(other.refresh_token)).status).toBe(200);
});

it('of two refreshes that race at most one succeeds, and the family ends', async () => {
  const { refresh_token } = await signIn();
  const answers = await Promise.all([app.refresh(refresh_token), app.refresh(refresh_token)]);
  const winners = answers.filter(({ status }) => status === 200);
  expect(winners.length).toBeLessThanOrEqual(1);
  for (const winner of winners) expect((await app.refresh(winner.body.refresh_token)).status).toBe(400);
});

it('an authorization code works once (RFC 6749 §4.1.2)', async () => {
  const code = (await site.signInAndAllow(site.browser(), app.authorizationUrl())).get('code') ?? '';
  const first = await app.exchange(code);
  expect((await app.exchange(code)).body.error).toBe('invalid_grant');
  expect((await app.refresh(first.body.refresh_token)).body.error).toBe('invalid_grant');
});

it('RFC 7009: a revoked refresh token is dead, consent is kept, other browsers stay signed in', async () => {
  const other = await signIn();
  const browser = site.browser();
  const { refresh_token } = await signIn(browser);
  const revoked = await app.post('/oauth/revoke', {
    token: String(refresh_token),
    token_type_hint: 'refresh_token',
  });
  expect(revoked.status).toBe(200);
  expect((await app.refresh(refresh_token)).body.error).toBe('invalid_grant');
  expect((await app.refresh(other.refresh_token)).status).toBe(200);
  expect(requireLeft(await browser.visit(app.authorizationUrl())).has('code')).toBe(true);
});

it('a refresh token survives a restart', async () => {
  const { refresh_token } = await signIn();
  await site.restart();
  expect((await app.refresh(refresh_token)).status).toBe(200);
});

it('rejects a client that does not know its secret', async () => {
  const response = await fetch(`${site.settings.issuer}/oauth/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from('strongroom-demo:wrong').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' }),
  });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ error: 'invalid_client' });
});

it('never logs a token', async () => {
  const { refresh_token, access_token } = await signIn();
  const log = JSON.stringify(site.events);
  expect(log).not.toContain(refresh_token);
  expect(log).not.toContain(access_token);
});

it('RFC 9449: a token request with a DPoP proof gets a token bound to its key', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const proof = await new SignJWT({
    htm: 'POST',
    htu: `${site.settings.issuer}/oauth/token`,
    jti: 'proof-of-the-test',
  })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    .setIssuedAt()
    .sign(privateKey);
  const answer = await site.signInAndAllow(site.browser(), app.authorizationUrl());
  const { body } = await app.exchange(answer.get('code') ?? '', { DPoP: proof });
  expect(body.token_type).toBe('DPoP');
  expect(decodeJwt(String(body.access_token)).cnf).toEqual({ jkt: await calculateJwkThumbprint(jwk) });
});
