/** Shows that the oracle notices whatever it forbids: each request is right but for one place. */
import { describe, expect, it } from 'vitest';
import type { ReceivedRequest } from './listener.ts';
import { challengeOf, Oracle } from './oracle.ts';

const client = {
  id: 'us: %',
  secret: 's+ü:',
  redirectUri: 'http://localhost:1/auth/callback/provider',
  isEncoded: true,
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
const requestWith = (changes: Partial<ReceivedRequest> = {}): ReceivedRequest => ({
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
  it('accepts requests that are right', () => {
    const breaches = breachesOf((oracle) => {
      oracle.validateAuthorization(query(request));
      oracle.validateClient(requestWith());
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
    ['a missing challenge', { code_challenge: undefined }],
    ['a scope without openid', { scope: 'profile' }],
    ['a missing state', { state: undefined }],
    ['a missing nonce', { nonce: undefined }],
    ['a nonce equal to the state', { nonce: 's'.repeat(43), state: 's'.repeat(43) }],
    ['a missing resource', { resource: undefined }],
    ['a request object', { request: 'x' }],
  ])('notices %s in an authorization request', (_what, changes) => {
    expect(breachesOf((oracle) => oracle.validateAuthorization(query(request, changes)))).not.toEqual([]);
  });

  it('notices a state that is sent twice, and more than a reference in the address', () => {
    expect(
      breachesOf((oracle) => {
        oracle.validateAuthorization(query(request));
        oracle.validateAuthorization(
          query(request, { nonce: 'o'.repeat(43), code_challenge: challengeOf('o') }),
        );
      }),
    ).toEqual(['state is sent twice']);
    expect(breachesOf((oracle) => oracle.validateReference(query(request)))).toHaveLength(1);
  });

  it.each<[string, Partial<ReceivedRequest>]>([
    ['a GET', { method: 'GET' }],
    ['a body of JSON', { headers: { authorization: basic, 'content-type': 'application/json' } }],
    ['a client id in the address', { url: new URL('http://127.0.0.1/token?client_id=us') }],
    ['a repeated parameter', { body: 'code=a&code=b' }],
    ['a missing client authentication', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    [
      'two methods of client authentication',
      { body: query({ client_id: client.id, client_secret: client.secret }).toString() },
    ],
    [
      'a secret that is not form-encoded',
      {
        headers: {
          ...requestWith().headers,
          authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}`,
        },
      },
    ],
  ])('notices %s at the token endpoint', (_what, changes) => {
    expect(breachesOf((oracle) => oracle.validateClient(requestWith(changes)))).not.toEqual([]);
  });

  it.each<[string, Changes]>([
    ['another redirect address', { redirect_uri: 'http://localhost:1/' }],
    ['a verifier of another sign-in', { code_verifier: 'w'.repeat(43) }],
    ['a missing verifier', { code_verifier: undefined }],
    ['a missing code', { code: undefined }],
    ['a missing resource', { resource: undefined }],
  ])('notices %s in a code exchange', (_what, changes) => {
    const breaches = breachesOf((oracle) => {
      oracle.validateAuthorization(query(request));
      oracle.validateExchange(query(exchange, changes));
    });
    expect(breaches).not.toEqual([]);
  });

  it('notices a code and a verifier that are sent twice', () => {
    const breaches = breachesOf((oracle) => {
      oracle.validateAuthorization(query(request));
      oracle.validateExchange(query(exchange));
      oracle.validateExchange(query(exchange));
    });
    expect(breaches).toEqual(['verifier is sent twice', 'code is sent twice']);
  });

  it('notices a token outside its header, and one that was never issued', () => {
    const bearer = { method: 'GET', body: '', headers: { authorization: 'Bearer x' } };
    const at = (path: string) => requestWith({ ...bearer, url: new URL(path, 'http://127.0.0.1') });
    expect(breachesOf((oracle) => oracle.validateBearer(at('/userinfo'), true))).toEqual([]);
    expect(breachesOf((oracle) => oracle.validateBearer(at('/userinfo'), false))).toHaveLength(1);
    expect(breachesOf((oracle) => oracle.validateBearer(at('/userinfo?access_token=x'), true))).toHaveLength(
      1,
    );
  });
});
