import { createHash } from 'node:crypto';
import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  EmbeddedJWK,
  type JWK,
  jwtVerify,
} from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as log from '../base/log';
import { appErrorOf } from '../testing/expect-app-error';
import { json } from '../testing/http-server';
import {
  callApiWithProof,
  createBoundSession,
  exchangeWithProof,
  type ProofServer,
  startProofServer,
} from '../testing/proof-server';
import { buildSession } from '../testing/sessions';
import { sendTokenRequest } from './client-request';
import { bindCode, createDpopKey } from './dpop';
import { readUser } from './profile';
import { validateTokenResponse } from './token-response';

let server: ProofServer;
beforeAll(async () => {
  server = await startProofServer();
});
afterAll(() => server.close());
beforeEach(() => server.restart());

describe('a DPoP proof', () => {
  it('CA-04: of a call to the API names method, address without query, token and key, and is signed by it', async () => {
    server.handlers['/a%20b'] = server.noting(json({}));
    const session = await createBoundSession();
    await callApiWithProof(session);
    const [proof = ''] = server.proofs;
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
    expect(server.authorizations).toEqual(['DPoP access-token-1']);
  });

  it('CA-04: of a token request has no ath, and no two proofs have the same jti', async () => {
    server.handlers['/token'] = server.noting(json({ access_token: 'a', token_type: 'DPoP' }));
    const options = { dpopKey: await createDpopKey() };
    await sendTokenRequest('authorization_code', { code: 'c' }, options);
    await sendTokenRequest('refresh_token', { refresh_token: 'r' }, options);
    const claims = server.proofs.map((proof) => decodeJwt(proof));
    for (const claim of claims) {
      expect(claim).toMatchObject({ htm: 'POST', htu: `${server.origin}/token` });
      expect(claim).not.toHaveProperty('ath');
    }
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2);
  });

  it('CA-04: goes with a userinfo request, whose token is no bearer token then', async () => {
    server.handlers['/userinfo'] = server.noting(json({ sub: 'usr_1', name: 'Ada' }));
    const claims = { iss: server.origin, sub: 'usr_1', iat: 1, exp: 2 };
    const dpopKey = await createDpopKey();
    const user = await readUser(claims as never, { accessToken: 'token-1', dpopKey, scopes: ['profile'] });
    expect(user.name).toBe('Ada');
    expect(server.authorizations).toEqual(['DPoP token-1']);
    expect(decodeJwt(String(server.proofs[0]))).toHaveProperty('ath');
  });

  it('CA-04: is of the key that the code is bound to', async () => {
    const key = await createDpopKey();
    server.handlers['/token'] = server.noting(json({}));
    await sendTokenRequest('authorization_code', { code: 'c' }, { dpopKey: key });
    const { jwk } = decodeProtectedHeader(String(server.proofs[0]));
    expect(await bindCode(key)).toEqual({ dpop_jkt: await calculateJwkThumbprint(jwk as JWK) });
    expect(await bindCode(null)).toEqual({});
  });

  it('CA-07: has the public key alone, and two sessions have two', async () => {
    server.handlers['/a%20b'] = server.noting(json({}));
    await callApiWithProof();
    await callApiWithProof();
    const keys = server.proofs.map((proof) => decodeProtectedHeader(proof).jwk as JWK);
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['crv', 'kty', 'x', 'y']);
    expect(keys[0]?.x).not.toBe(keys[1]?.x);
  });

  it('a bearer session sends none', async () => {
    server.handlers['/a%20b'] = server.noting(json({}));
    await callApiWithProof(buildSession());
    expect([server.proofs, server.authorizations]).toEqual([['undefined'], ['Bearer access-token-1']]);
  });

  it('of a session that is known is made without importing its key again', async () => {
    server.handlers['/a%20b'] = server.noting(json({}));
    const imports = vi.spyOn(crypto.subtle, 'importKey');
    const session = await createBoundSession();
    for (let count = 0; count < 3; count += 1) await callApiWithProof(session);
    expect(imports).toHaveBeenCalledTimes(2);
    imports.mockRestore();
  });

  it('CA-08: that the server misses is in the log with the variable to change', async () => {
    const failures = vi.spyOn(log, 'logFailure');
    const error_description = 'DPoP proof JWT not provided';
    server.handlers['/token'] = json({ error: 'invalid_grant', error_description }, 400);
    await sendTokenRequest('authorization_code', { code: 'c' });
    await exchangeWithProof();
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
