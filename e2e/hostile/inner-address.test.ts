/**
 * The application reaches its authorization server under another address than browsers do, or without
 * discovery: names and issuer checks stay as they are.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expireAccessToken } from '../support/seals.ts';
import { createVisitor } from './attacks.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import { signIn } from './journey.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

const wellKnown = '/.well-known/openid-configuration';
const nameless = { idToken: { claims: { name: undefined } } };

/** Signs in, refreshes, and signs out. */
async function completeSession(world: World): Promise<void> {
  const { user, browser } = createVisitor(world, nameless);
  await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => signIn(world, browser));
  await expireAccessToken(world, browser);
  const page = await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () =>
    browser.visit(`${world.appOrigin}/dashboard/access`),
  );
  await observe(world, { browser, outcome: 'signed_out', signedIn: null }, () =>
    browser.submit(page, /sign-out/),
  );
}

describe('an issuer with an inner address', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld((server) => {
      // Browsers know it by name, and the application by its address.
      const inner = server.issuer;
      server.issuer = inner.replace('127.0.0.1', 'localhost');
      return { AUTH_ISSUER: server.issuer, AUTH_ISSUER_INTERNAL_URL: inner, AUTH_PAR: 'always' };
    });
  });
  afterAll(() => world?.close());

  it('DI-05: is asked there for everything, browsers are sent to its name, and its tokens name it', async () => {
    await completeSession(world);
    const byHost = (host: string) =>
      new Set(
        world.server.received
          .filter(({ headers }) => headers.host?.startsWith(host))
          .map(({ url }) => url.pathname),
      );
    expect(byHost('localhost')).toEqual(new Set(['/authorize', '/logout']));
    const own = [wellKnown, '/par', '/token', world.server.keysPath, '/userinfo', '/revoke'];
    expect(byHost('127.0.0.1')).toEqual(new Set(own));
  });
});

describe('a server without discovery', () => {
  let world: World;
  const endpointsOf = ({ issuer, keysPath }: AuthorizationServer) => ({
    AUTH_AUTHORIZATION_ENDPOINT: `${issuer}/authorize`,
    AUTH_TOKEN_ENDPOINT: `${issuer}/token`,
    AUTH_JWKS_URI: issuer + keysPath,
    AUTH_USERINFO_ENDPOINT: `${issuer}/userinfo`,
    AUTH_REVOCATION_ENDPOINT: `${issuer}/revoke`,
    AUTH_LOGOUT_URL: `${issuer}/logout`,
  });
  beforeAll(async () => {
    world = await startWorld((server) => {
      server.metadata = { status: 404, body: '' };
      return endpointsOf(server);
    });
  });
  afterAll(() => world?.close());

  it('DI-06: is used by the addresses of the configuration, and never asked for its metadata', async () => {
    await completeSession(world);
    expect(world.server.countOf(wellKnown)).toBe(0);
    expect(world.server.revoked).toHaveLength(1);
    expect(world.server.countOf('/logout')).toBe(1);
    // At the sign-in, and at the refresh for a name that may have changed.
    expect(world.server.countOf('/userinfo')).toBe(2);
    const ready = await fetch(`${world.appOrigin}/readyz`);
    expect(ready.status).toBe(200);
    expect(world.server.countOf(wellKnown)).toBe(0);
  });
});
