/**
 * The server as a whole: how it starts and what it shows outside of the protocol.
 */
import { statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAuthorizationServer } from './server.ts';
import type { Installation } from './testing/installation.ts';
import { createInstallation, requirePage } from './testing/installation.ts';

let site: Installation;
beforeAll(async () => {
  site = await createInstallation();
});
afterAll(() => site.remove());

it('publishes its endpoints under the names of Auth0', async () => {
  const { issuer } = site.settings;
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  expect(await response.json()).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    end_session_endpoint: `${issuer}/oidc/logout`,
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_session_supported: true,
  });
});

it('says in words that its port is taken', async () => {
  await expect(startAuthorizationServer(site.settings, site.secrets, () => {})).rejects.toThrow(
    /Port \d+ is taken/,
  );
});

it('answers only under its own name', async () => {
  const status = await new Promise((resolve, reject) => {
    const sent = request(`${site.settings.issuer}/`, { headers: { Host: 'evil.test' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.once('error', reject).end();
  });
  expect(status).toBe(421);
});

it('shows what it is at /, a stylesheet, and a page for everything else', async () => {
  const browser = site.browser();
  expect(requirePage(await browser.visit('/')).html).toContain('This is Harbour ID');
  expect(requirePage(await browser.visit('/assets/style.css')).headers.get('content-type')).toContain(
    'text/css',
  );
  const missing = requirePage(await browser.visit('/nowhere'));
  expect(missing.status).toBe(404);
  expect(missing.html).toContain('There is no such page');
});

it('keeps keys and state in files that only their owner reads', () => {
  for (const name of ['signing-keys.json', 'authorization-server.sqlite', 'secrets.json'])
    expect(statSync(join(site.settings.stateFolder, name)).mode & 0o777).toBe(0o600);
});
