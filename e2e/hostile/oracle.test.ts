/** The oracle notices each thing that it asks for: a request that is right, changed in one place. */
import { describe, expect, it } from 'vitest';
import type { Heard } from './listener.ts';
import { challengeOf, Oracle } from './oracle.ts';

const client = {
  id: 'us: %',
  secret: 's+ü:',
  redirectUri: 'http://localhost:1/auth/callback/provider',
  audience: 'http://127.0.0.1:2',
};
const verifier = 'v'.repeat(43);
const request = {
  response_type: 'code',
  client_id: client.id,
  redirect_uri: client.redirectUri,
  code_challenge_method: 'S256',
  resource: client.audience,
  scope: 'openid profile',
  state: 's'.repeat(22),
  nonce: 'n'.repeat(43),
  code_challenge: challengeOf(verifier),
};
const exchange = {
  redirect_uri: client.redirectUri,
  resource: client.audience,
  code_verifier: verifier,
  code: 'code-1',
};
type Changes = Record<string, string | undefined>;
const query = (right: Changes, changes: Changes = {}) =>
  new URLSearchParams(
    Object.entries({ ...right, ...changes }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
const basic = `Basic ${btoa(`${new URLSearchParams({ x: client.id })}:${new URLSearchParams({ x: client.secret })}`.replaceAll('x=', ''))}`;
const heard = (changes: Partial<Heard> = {}): Heard => ({
  method: 'POST',
  url: new URL('http://127.0.0.1/token'),
  headers: { authorization: basic, 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
  body: 'grant_type=authorization_code',
  ...changes,
});
const breachesOf = (act: (oracle: Oracle) => void): string[] => {
  const oracle = new Oracle(client);
  act(oracle);
  return oracle.breaches;
};

describe('the oracle', () => {
  it('likes what is right', () => {
    const breaches = breachesOf((oracle) => {
      oracle.validateAuthorization(query(request));
      oracle.validateClient(heard());
      oracle.validateExchange(query(exchange));
      oracle.validateReference(new URLSearchParams({ client_id: 'x', request_uri: 'y' }));
    });
    expect(breaches).toEqual([]);
  });

  it.each<[string, Changes]>([
    ['another response type', { response_type: 'token' }],
    ['another client', { client_id: 'x' }],
    ['another redirect address', { redirect_uri: `${client.redirectUri}/` }],
    ['a plain challenge', { code_challenge_method: 'plain' }],
    ['no challenge', { code_challenge: undefined }],
    ['no openid', { scope: 'profile' }],
    ['no state', { state: undefined }],
    ['no nonce', { nonce: undefined }],
    ['a nonce that is the state', { nonce: 's'.repeat(43), state: 's'.repeat(43) }],
    ['no resource', { resource: undefined }],
    ['a request object', { request: 'x' }],
  ])('notices %s in an authorization request', (_what, changes) => {
    expect(breachesOf((oracle) => oracle.validateAuthorization(query(request, changes)))).not.toEqual([]);
  });

  it('notices a state that comes twice, and more than a reference in the address', () => {
    expect(
      breachesOf((oracle) => {
        oracle.validateAuthorization(query(request));
        oracle.validateAuthorization(
          query(request, { nonce: 'o'.repeat(43), code_challenge: challengeOf('o') }),
        );
      }),
    ).toEqual(['state is shown twice']);
    expect(breachesOf((oracle) => oracle.validateReference(query(request)))).toHaveLength(1);
  });

  it.each<[string, Partial<Heard>]>([
    ['GET', { method: 'GET' }],
    ['JSON', { headers: { authorization: basic, 'content-type': 'application/json' } }],
    ['credentials in the address', { url: new URL('http://127.0.0.1/token?client_id=us') }],
    ['a parameter twice', { body: 'code=a&code=b' }],
    ['no client authentication', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    [
      'two ways of client authentication',
      { body: query({ client_id: client.id, client_secret: client.secret }).toString() },
    ],
    [
      'a secret that is not encoded',
      { headers: { ...heard().headers, authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` } },
    ],
  ])('notices %s at the token endpoint', (_what, changes) => {
    expect(breachesOf((oracle) => oracle.validateClient(heard(changes)))).not.toEqual([]);
  });

  it.each<[string, Changes]>([
    ['another redirect address', { redirect_uri: 'http://localhost:1/' }],
    ['a verifier of another sign-in', { code_verifier: 'w'.repeat(43) }],
    ['no verifier', { code_verifier: undefined }],
    ['no code', { code: undefined }],
    ['no resource', { resource: undefined }],
  ])('notices %s in an exchange', (_what, changes) => {
    const breaches = breachesOf((oracle) => {
      oracle.validateAuthorization(query(request));
      oracle.validateExchange(query(exchange, changes));
    });
    expect(breaches).not.toEqual([]);
  });

  it('notices a code and a verifier that come twice', () => {
    const breaches = breachesOf((oracle) => {
      oracle.validateAuthorization(query(request));
      oracle.validateExchange(query(exchange));
      oracle.validateExchange(query(exchange));
    });
    expect(breaches).toEqual(['verifier is shown twice', 'code is shown twice']);
  });

  it('notices a token that is out of its place, or of nobody', () => {
    const bearer = { method: 'GET', body: '', headers: { authorization: 'Bearer x' } };
    const at = (path: string) => heard({ ...bearer, url: new URL(path, 'http://127.0.0.1') });
    expect(breachesOf((oracle) => oracle.validateBearer(at('/userinfo'), true))).toEqual([]);
    expect(breachesOf((oracle) => oracle.validateBearer(at('/userinfo'), false))).toHaveLength(1);
    expect(breachesOf((oracle) => oracle.validateBearer(at('/userinfo?access_token=x'), true))).toHaveLength(
      1,
    );
  });
});
