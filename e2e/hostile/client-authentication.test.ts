/**
 * Every request of a session to the authorization server authenticates the client in the same way: pushed
 * request, code exchange, refresh, userinfo and revocation. @see RFC 6749 §2.3.1
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expireAccessToken } from '../support/seals.ts';
import { createVisitor } from './attacks.ts';
import { signIn } from './journey.ts';
import type { ReceivedRequest } from './listener.ts';
import { observe } from './trial.ts';
import { startWorld, type World } from './world.ts';

const methods = ['client_secret_basic', 'client_secret_basic_encoded', 'client_secret_post'];

describe.each(methods)('AUTH_CLIENT_AUTH=%s', (method) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ AUTH_PAR: 'always' }, method);
  });
  afterAll(() => world?.close());

  it('TK-01, CA-01: the whole session authenticates in this way, and the server knows the client each time', async () => {
    const { user, browser } = createVisitor(world, { idToken: { claims: { name: undefined } } });
    await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () => signIn(world, browser));
    await expireAccessToken(world, browser);
    const page = await observe(world, { browser, outcome: 'signed_in', signedIn: user }, () =>
      browser.visit(`${world.appOrigin}/dashboard/access`),
    );
    await observe(world, { browser, outcome: 'signed_out', signedIn: null }, () =>
      browser.submit(page, /sign-out/),
    );
    const posts = world.server.received.filter((request) => request.method === 'POST');
    expect(posts.map(({ url, body }) => `${url.pathname} ${grantTypeOf(body)}`.trim())).toEqual([
      '/par',
      '/token authorization_code',
      '/token refresh_token',
      '/revoke',
    ]);
    expect(new Set(posts.map(credentialsOf))).toEqual(new Set([expectedCredentials(world, method)]));
    const others = world.server.received.filter((request) => request.method !== 'POST');
    const schemes = others.map(({ headers }) => headers.authorization?.split(' ')[0]).filter(Boolean);
    expect(new Set(schemes)).toEqual(new Set(['Bearer']));
  });

  it('TK-01: a server that rejects the client is in the log, with the setting', async () => {
    const { browser } = createVisitor(world);
    const { client } = world.server;
    const secret = client.secret;
    client.secret = 'another one';
    await observe(world, { browser, outcome: 'invalid_client', signedIn: null }, async () => {
      const page = await signIn(world, browser).finally(() => {
        client.secret = secret;
      });
      expect(world.server.oracle.breaches.splice(0)).toEqual([
        'POST /par: the client is not the one that it claims to be',
        'POST /token: the client is not the one that it claims to be',
      ]);
      return page;
    });
    const [line] = world.app.events('client_rejected');
    expect(line).toMatchObject({
      level: 'error',
      variables: expect.stringContaining('AUTH_CLIENT_SECRET'),
      authentication: method,
    });
    expect(String(line?.others).split(' ').concat(method).toSorted()).toEqual(
      [...methods, 'client_secret_jwt'].toSorted(),
    );
  });
});

function grantTypeOf(body: string): string {
  return new URLSearchParams(body).get('grant_type') ?? '';
}

/** What proves who the client is: in the header, or in the body. Its id is also a parameter of a pushed request. */
function credentialsOf({ headers, body }: ReceivedRequest): string {
  return `${headers.authorization} ${new URLSearchParams(body).get('client_secret')}`;
}

function expectedCredentials({ server }: World, method: string): string {
  const { id, secret } = server.client;
  if (method === 'client_secret_post') return `undefined ${secret}`;
  const encode = (text: string) =>
    new URLSearchParams([['', text]]).toString().slice(1).replaceAll('%7E', '~');
  const pair = method === 'client_secret_basic' ? [id, secret] : [encode(id), encode(secret)];
  return `Basic ${Buffer.from(pair.join(':')).toString('base64')} null`;
}
