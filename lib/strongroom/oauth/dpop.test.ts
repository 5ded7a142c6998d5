import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  EmbeddedJWK,
  type JWK,
  jwtVerify,
} from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Send, sendApiRequest, sendWithToken } from '../api/send-request';
import { sendStreamed } from '../base/http-client';
import * as log from '../base/log';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { type Handler, json, startTestServer, type TestServer } from '../testing/http-server';
import { offerMetadata } from '../testing/server-metadata';
import { buildSession, buildTokens } from '../testing/sessions';
import { sendTokenRequest } from './client-request';
import { bindCode, createDpopKey, sendWithProof } from './dpop';
import { readUser } from './profile';
import { validateTokenResponse } from './token-response';

let server: TestServer;
let proofs: string[];
let authorizations: (string | undefined)[];

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  proofs = [];
  authorizations = [];
  useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: server.origin });
  offerMetadata(server, { userinfo_endpoint: '/userinfo' });
});

/** Notes the proof of a request, and responds. */
const noting =
  (respond: Handler): Handler =>
  (request, response, body) => {
    proofs.push(String(request.headers.dpop));
    authorizations.push(request.headers.authorization);
    return respond(request, response, body);
  };
const keyOf = (proof: string) => (decodeProtectedHeader(proof).jwk as JWK).x;
const nonceOf = (request: IncomingMessage) => decodeJwt(String(request.headers.dpop)).nonce;
/** Takes a proof with `wanted` only, and says so as an authorization server does, or as an API does. */
const requiring = (wanted: () => string, at: 'authorization server' | 'API'): Handler =>
  noting((request, response, body) => {
    const headers = { 'dpop-nonce': wanted() };
    if (nonceOf(request) === wanted())
      return json({ access_token: 'a', token_type: 'DPoP' })(request, response, body);
    const challenge = { ...headers, 'www-authenticate': 'dPoP error="use_dpop_nonce"' };
    return at === 'API'
      ? json({}, 401, challenge)(request, response, body)
      : json({ error: 'use_dpop_nonce' }, 400, headers)(request, response, body);
  });
const sessionWith = async () => buildSession({ tokens: buildTokens({ dpopKey: await createDpopKey() }) });
const callApi = async (session = sessionWith()) =>
  sendApiRequest(await session, { method: 'GET', path: ['a b'], query: { page: '2' } });
const exchange = async () =>
  sendTokenRequest('authorization_code', { code: 'c' }, { dpopKey: await createDpopKey() });

describe('a DPoP proof', () => {
  it('CA-04: of a call to the API names method, address without query, token and key, and is signed by it', async () => {
    server.handlers['/a%20b'] = noting(json({}));
    const session = await sessionWith();
    await callApi(Promise.resolve(session));
    const [proof = ''] = proofs;
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt' });
    const jwk = { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) };
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'dpop+jwt', jwk });
    const { dpop_jkt } = await bindCode(session.tokens.dpopKey);
    expect(await calculateJwkThumbprint(protectedHeader.jwk as JWK)).toBe(dpop_jkt);
    expect(payload).toEqual({
      jti: expect.stringMatching(/^[\w-]{22,}$/),
      htm: 'GET',
      htu: `${server.origin}/a%20b`,
      iat: expect.closeTo(Date.now() / 1000, -1),
      ath: createHash('sha256').update('access-token-1').digest('base64url'),
    });
    expect(authorizations).toEqual(['DPoP access-token-1']);
  });

  it('CA-04: of a token request has no ath, and no two proofs have the same jti', async () => {
    server.handlers['/token'] = noting(json({ access_token: 'a', token_type: 'DPoP' }));
    const options = { dpopKey: await createDpopKey() };
    await sendTokenRequest('authorization_code', { code: 'c' }, options);
    await sendTokenRequest('refresh_token', { refresh_token: 'r' }, options);
    const claims = proofs.map((proof) => decodeJwt(proof));
    for (const claim of claims) {
      expect(claim).toMatchObject({ htm: 'POST', htu: `${server.origin}/token` });
      expect(claim).not.toHaveProperty('ath');
    }
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2);
  });

  it('CA-04: goes with a userinfo request, whose token is no bearer token then', async () => {
    server.handlers['/userinfo'] = noting(json({ sub: 'usr_1', name: 'Ada' }));
    const claims = { iss: server.origin, sub: 'usr_1', iat: 1, exp: 2 };
    const dpopKey = await createDpopKey();
    const user = await readUser(claims as never, { accessToken: 'token-1', dpopKey, scopes: ['profile'] });
    expect(user.name).toBe('Ada');
    expect(authorizations).toEqual(['DPoP token-1']);
    expect(decodeJwt(String(proofs[0]))).toHaveProperty('ath');
  });

  it('CA-04: is of the key that the code is bound to', async () => {
    const key = await createDpopKey();
    server.handlers['/token'] = noting(json({}));
    await sendTokenRequest('authorization_code', { code: 'c' }, { dpopKey: key });
    const { jwk } = decodeProtectedHeader(String(proofs[0]));
    expect(await bindCode(key)).toEqual({ dpop_jkt: await calculateJwkThumbprint(jwk as JWK) });
    expect(await bindCode(null)).toEqual({});
  });

  it('CA-07: has the public key alone, and two sessions have two', async () => {
    server.handlers['/a%20b'] = noting(json({}));
    await callApi();
    await callApi();
    const keys = proofs.map((proof) => decodeProtectedHeader(proof).jwk as JWK);
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['crv', 'kty', 'x', 'y']);
    expect(keys[0]?.x).not.toBe(keys[1]?.x);
  });

  it('a bearer session sends none', async () => {
    server.handlers['/a%20b'] = noting(json({}));
    await callApi(Promise.resolve(buildSession()));
    expect([proofs, authorizations]).toEqual([['undefined'], ['Bearer access-token-1']]);
  });

  it('of a session that is known is made without importing its key again', async () => {
    server.handlers['/a%20b'] = noting(json({}));
    const imports = vi.spyOn(crypto.subtle, 'importKey');
    const session = await sessionWith();
    for (let count = 0; count < 3; count += 1) await callApi(Promise.resolve(session));
    expect(imports).toHaveBeenCalledTimes(2);
    imports.mockRestore();
  });

  it('CA-08: that the server misses is in the log with the variable to change', async () => {
    const failures = vi.spyOn(log, 'logFailure');
    const error_description = 'DPoP proof JWT not provided';
    server.handlers['/token'] = json({ error: 'invalid_grant', error_description }, 400);
    await sendTokenRequest('authorization_code', { code: 'c' });
    await exchange();
    const named = expect.objectContaining({ variables: 'AUTH_DPOP' });
    expect(failures.mock.calls).toEqual([['client_rejected', expect.anything(), named]]);
    failures.mockRestore();
  });

  it('CA-07: a key that is not one is an error with a reason of its own', async () => {
    const dpopKey = 'A'.repeat(43);
    const error = await appErrorOf(() =>
      sendTokenRequest('refresh_token', { refresh_token: 'r' }, { dpopKey }),
    );
    expect([error.code, error.reason]).toEqual(['invalid_grant', 'dpop_key']);
  });
});

describe('a nonce', () => {
  it('CA-05: that the authorization server requires is sent with the second request, and with the next first one', async () => {
    server.handlers['/token'] = requiring(() => 'nonce-1', 'authorization server');
    expect(await exchange()).toMatchObject({ status: 200 });
    expect(await exchange()).toMatchObject({ status: 200 });
    expect(server.countOf('/token')).toBe(3);
    expect(proofs.map((proof) => decodeJwt(proof).nonce)).toEqual([undefined, 'nonce-1', 'nonce-1']);
    expect(new Set(proofs.map((proof) => decodeJwt(proof).jti)).size).toBe(3);
  });

  it('CA-05: that the API requires, in a scheme of any case, is sent with the second request', async () => {
    server.handlers['/a%20b'] = requiring(() => 'nonce-1', 'API');
    expect(await callApi()).toMatchObject({ kind: 'response', status: 200 });
    expect(await callApi()).toMatchObject({ kind: 'response', status: 200 });
    expect(server.countOf('/a%20b')).toBe(3);
  });

  it('CA-05: with a 400 of the API, its body is not read before the caller has the response', async () => {
    const headers = { 'dpop-nonce': 'nonce-1' };
    const pull = vi.fn();
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const request = { key: await createDpopKey(), url: `${server.origin}/a%20b` };
    const send = vi.fn(async () => ({ response: new Response(body, { status: 400, headers }) }));
    const { response } = await sendWithProof(request, send);
    expect([response.status, response.bodyUsed]).toEqual([400, false]);
    expect([pull, send].map(({ mock }) => mock.calls.length)).toEqual([0, 1]);
  });

  it('CA-05: that a good response brings is in the next proof', async () => {
    server.handlers['/a%20b'] = noting(json({}, 200, { 'dpop-nonce': 'for-later' }));
    await callApi();
    await callApi();
    expect(proofs.map((proof) => decodeJwt(proof).nonce)).toEqual([undefined, 'for-later']);
  });

  it('CA-05: of one server is not sent to another', async () => {
    const other = await startTestServer();
    server.handlers['/token'] = noting(json({}, 200, { 'dpop-nonce': 'of-the-authorization-server' }));
    other.handlers['/a%20b'] = noting(json({}));
    useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: other.origin });
    await exchange();
    await callApi();
    await other.close();
    expect(decodeJwt(String(proofs[1])).nonce).toBeUndefined();
  });

  it('CA-05: that is new each time is sent once, and the server then counts as failing', async () => {
    let count = 0;
    const never = () => {
      count += 1;
      return `nonce-${count}`;
    };
    server.handlers['/token'] = requiring(never, 'authorization server');
    server.handlers['/a%20b'] = requiring(never, 'API');
    const response = await exchange();
    expect(server.countOf('/token')).toBe(2);
    const error = await appErrorOf(async () => validateTokenResponse(response, { isBound: true }));
    expect([error.code, error.reason]).toEqual(['temporarily_unavailable', 'use_dpop_nonce']);
    expect(await callApi()).toMatchObject({ status: 401 });
    expect(server.countOf('/a%20b')).toBe(2);
  });

  it.each([[''], ['a "quoted" one'], ['n'.repeat(501)], ['back\\slash']])(
    'CA-05: %.20j is none, and is not sent',
    async (nonce) => {
      server.handlers['/token'] = noting(json({ error: 'use_dpop_nonce' }, 400, { 'dpop-nonce': nonce }));
      expect(await exchange()).toMatchObject({ status: 400 });
      expect(server.countOf('/token')).toBe(1);
    },
  );

  it('CA-05: is fetched before a body that can be sent once only, and not from an API that has none', async () => {
    const session = await sessionWith();
    const upload = () => {
      const body = new Blob(['a picture']).stream();
      const url = new URL(`${server.origin}/a%20b`);
      const request = { method: 'PUT', url, headers: new Headers(), body };
      const send: Send = (target, whole) =>
        sendStreamed(target, whole, { timeoutMs: 60_000, maxBytes: 1_000 });
      return sendWithToken(session.tokens, request, send);
    };
    server.handlers['/a%20b'] = requiring(() => 'nonce-1', 'API');
    expect((await upload()).response.status).toBe(200);
    expect(server.requests.map((line) => line.split(' ')[0])).toEqual(['HEAD', 'HEAD', 'PUT']);
    useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: server.origin });
    server.requests.length = 0;
    server.handlers['/a%20b'] = json({});
    await upload();
    await upload();
    expect(server.requests.map((line) => line.split(' ')[0])).toEqual(['HEAD', 'PUT', 'PUT']);
  });

  it('CA-06: two users with fifty calls each at a time: every retry has the nonce of its own response, the token and the key of its own session', async () => {
    const sessions = await Promise.all(
      ['ada', 'grace'].map(async (user) => ({
        ...(await sessionWith()),
        tokens: buildTokens({ accessToken: `token-of-${user}`, dpopKey: await createDpopKey() }),
      })),
    );
    const issued = new Set<string>();
    const seen: string[] = [];
    let count = 0;
    // Each nonce is taken once, so that the retry of one request must not have that of another.
    server.handlers['/a%20b'] = (request, response, body) => {
      seen.push(JSON.stringify([request.headers.authorization, keyOf(String(request.headers.dpop))]));
      if (issued.delete(String(nonceOf(request))))
        return json({ user: request.headers.authorization })(request, response, body);
      count += 1;
      const nonce = `nonce-${count}`;
      issued.add(nonce);
      const headers = { 'dpop-nonce': nonce, 'www-authenticate': 'DPoP error="use_dpop_nonce"' };
      return json({}, 401, headers)(request, response, body);
    };
    const calls = sessions.flatMap((session) =>
      Array.from({ length: 50 }, async () => ({
        session,
        response: await callApi(Promise.resolve(session)),
      })),
    );
    for (const { session, response } of await Promise.all(calls))
      expect(response).toMatchObject({ status: 200, text: `{"user":"DPoP ${session.tokens.accessToken}"}` });
    // Each token came with one key, and each key with one token.
    const pairs = [...new Set(seen)].map((pair): string[] => JSON.parse(pair));
    expect(pairs.map(([token]) => token).sort()).toEqual(['DPoP token-of-ada', 'DPoP token-of-grace']);
    expect(new Set(pairs.map(([, key]) => key)).size).toBe(2);
  });
});

describe('the token response to a request with a proof', () => {
  const respond = (body: unknown, status = 200) => ({
    status,
    contentType: 'application/json',
    text: JSON.stringify(body),
  });

  it.each(['DPoP', 'dpop'])('has the type %s', (token_type) => {
    expect(
      validateTokenResponse(respond({ access_token: 'a', token_type }), { isBound: true }).accessToken,
    ).toBe('a');
  });

  it.each([
    ['Bearer', 'configuration_invalid', 'dpop_not_bound'],
    ['bearer', 'configuration_invalid', 'dpop_not_bound'],
    ['mac', 'invalid_response', 'token_type'],
    [undefined, 'invalid_response', 'token_type'],
  ])('CA-08: with the type %s is rejected', async (token_type, code, reason) => {
    const response = respond({ access_token: 'a', token_type });
    const error = await appErrorOf(async () => validateTokenResponse(response, { isBound: true }));
    expect([error.code, error.reason]).toEqual([code, reason]);
  });

  it('a proof that is rejected is for the operator', async () => {
    const error = await appErrorOf(async () =>
      validateTokenResponse(respond({ error: 'invalid_dpop_proof' }, 400), { isBound: true }),
    );
    expect([error.code, error.reason]).toEqual(['configuration_invalid', 'invalid_dpop_proof']);
  });
});
