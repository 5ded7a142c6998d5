import { describe, expect, it } from 'vitest';
import { appErrorOf } from '../testing/expect-app-error';
import { describeUser } from './profile';
import { buildReferenceUrl } from './pushed-authorization';
import { buildLogoutUrl, chooseLogoutAddress } from './rp-initiated-logout';

const server = {
  issuer: 'https://issuer.example',
  authorization_endpoint: 'https://issuer.example/authorize',
  token_endpoint: 'https://issuer.example/token',
  jwks_uri: 'https://issuer.example/keys',
};

describe('the address of a pushed authorization request', () => {
  it('AZ-13: carries client_id and request_uri only, beside the endpoint’s own query', () => {
    const url = buildReferenceUrl(
      `${server.authorization_endpoint}?tenant=1`,
      'client-1',
      'urn:example:a&b=c',
    );
    expect(Object.fromEntries(url.searchParams)).toEqual({
      tenant: '1',
      client_id: 'client-1',
      request_uri: 'urn:example:a&b=c',
    });
  });

  it.each([
    'javascript:alert(1)',
    'http://issuer.example/x',
    'data:,x',
    '',
    'urn:a b',
    'urn:\n',
    `urn:${'a'.repeat(1_001)}`,
  ])('AZ-13: the reference %.30j is rejected', async (reference) => {
    const error = await appErrorOf(() =>
      buildReferenceUrl(server.authorization_endpoint, 'client-1', reference),
    );
    expect([error.code, error.reason]).toEqual(['invalid_response', 'request_uri']);
  });
});

describe('the address that signs out at the authorization server', () => {
  const request = {
    clientId: 'client-1',
    idTokenHint: 'a.b.c',
    returnUrl: 'https://app.example/signed-out',
    state: 'state-1',
  };
  const build = (changes = {}) =>
    buildLogoutUrl('https://issuer.example/logout?x=1', { ...request, ...changes });

  it('SE-06: carries the hint, the client, the registered return and a state', () => {
    expect(Object.fromEntries(build().searchParams)).toEqual({
      x: '1',
      id_token_hint: 'a.b.c',
      client_id: 'client-1',
      post_logout_redirect_uri: 'https://app.example/signed-out',
      state: 'state-1',
    });
  });

  it.each([
    [null, 'https://a.example/end', 'https://a.example/end'],
    [null, undefined, undefined],
    ['https://a.example/v2', 'https://a.example/end', 'https://a.example/v2'],
    ['?to={return_url}', 'https://a.example/end?x=1', 'https://a.example/end?to={return_url}'],
    ['?to={return_url}', undefined, undefined],
  ])('SE-06: with %j configured and %j in the metadata it is %j', (configured, endpoint, address) => {
    expect(chooseLogoutAddress(configured, endpoint)).toBe(address);
  });

  it('SE-06: goes without a hint when there is none', () => {
    expect(build({ idTokenHint: null }).searchParams.has('id_token_hint')).toBe(false);
  });

  it.each([
    [
      'Auth0 before 2023',
      'https://tenant.auth0.example/v2/logout?client_id={client_id}&returnTo={return_url}',
      'https://tenant.auth0.example/v2/logout?client_id=client%261&returnTo=https%3A%2F%2Fapp.example%2Fsigned-out',
    ],
    [
      'Cognito',
      'https://x.amazoncognito.example/logout?logout_uri={return_url}&client_id={client_id}',
      'https://x.amazoncognito.example/logout?logout_uri=https%3A%2F%2Fapp.example%2Fsigned-out&client_id=client%261',
    ],
    [
      'a server with a hint under another name',
      'https://x.example/bye?hint={id_token}&s={state}&fixed=1',
      'https://x.example/bye?hint=a.b.c&s=state-1&fixed=1',
    ],
  ])('SE-06: has the parameters of %s, filled in and encoded', (_, address, expected) => {
    expect(buildLogoutUrl(address, { ...request, clientId: 'client&1' }).href).toBe(expected);
  });
});

describe('the user of a profile', () => {
  const identity = { iss: 'https://issuer.example', sub: 'user-1' };

  it('TK-19: is identified by issuer and subject of the ID token alone, and not by the profile', () => {
    const profile = {
      iss: 'https://evil.example',
      sub: 'admin',
      issuer: 'x',
      subject: 'y',
      name: 'Ada',
      email: 'a@b.test',
    };
    expect(describeUser(identity, profile)).toEqual({
      issuer: 'https://issuer.example',
      subject: 'user-1',
      name: 'Ada',
      email: 'a@b.test',
      picture: null,
    });
  });

  it('TK-18: has the preferred user name where there is no name', () => {
    expect(describeUser(identity, { name: ' ', preferred_username: 'ada' }).name).toBe('ada');
    expect(describeUser(identity, {}).name).toBeNull();
  });

  it('TK-18: has texts that are cleaned and cut', () => {
    expect(describeUser(identity, { name: `\u202e${'🙂'.repeat(500_000)}` }).name).toBe('🙂'.repeat(120));
    expect(describeUser(identity, { name: 7, email: ['a@b.test'] })).toMatchObject({
      name: null,
      email: null,
    });
  });

  it.each([
    ['javascript:alert(1)'],
    ['java\tscript:alert(1)'],
    ['data:image/svg+xml,<svg onload=alert(1)>'],
    ['//evil.example/a.png'],
    [`https://issuer.example/${'a'.repeat(600)}`],
    ['not an address'],
    [7],
    [null],
  ])('TK-18: the picture %.40j is left out', (picture) => {
    expect(describeUser(identity, { picture }).picture).toBeNull();
  });

  it('TK-18: an https picture is kept in its normal form', () => {
    expect(describeUser(identity, { picture: 'https://issuer.example/"a".png' }).picture).toBe(
      'https://issuer.example/%22a%22.png',
    );
  });
});
