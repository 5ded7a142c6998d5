/** RFC 9449 §8 and §9: nonces that an authorization server or an API wants in a proof. */
import type { IncomingMessage } from 'node:http';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Send, sendWithToken } from '../api/send-request';
import { sendStreamed } from '../base/http-client';
import { useEnvironment } from '../testing/environment';
import { appErrorOf } from '../testing/expect-app-error';
import { type Handler, json, startTestServer } from '../testing/http-server';
import {
  callApiWithProof,
  createBoundSession,
  exchangeWithProof,
  type ProofServer,
  startProofServer,
} from '../testing/proof-server';
import { buildTokens } from '../testing/sessions';
import { createDpopKey, sendWithProof } from './dpop';
import { validateTokenResponse } from './token-response';

let server: ProofServer;
beforeAll(async () => {
  server = await startProofServer();
});
afterAll(() => server.close());
beforeEach(() => server.restart());

const keyOf = (proof: string) => (decodeProtectedHeader(proof).jwk as JWK).x;
const nonceOf = (request: IncomingMessage) => decodeJwt(String(request.headers.dpop)).nonce;
/** Takes a proof with `wanted` only, and says so as an authorization server does, or as an API does. */
const requiring = (wanted: () => string, at: 'authorization server' | 'API'): Handler =>
  server.noting((request, response, body) => {
    const headers = { 'dpop-nonce': wanted() };
    if (nonceOf(request) === wanted())
      return json({ access_token: 'a', token_type: 'DPoP' })(request, response, body);
    const challenge = { ...headers, 'www-authenticate': 'dPoP error="use_dpop_nonce"' };
    return at === 'API'
      ? json({}, 401, challenge)(request, response, body)
      : json({ error: 'use_dpop_nonce' }, 400, headers)(request, response, body);
  });

describe('a nonce', () => {
  it('CA-05: that the authorization server requires is sent with the second request, and with the next first one', async () => {
    server.handlers['/token'] = requiring(() => 'nonce-1', 'authorization server');
    expect(await exchangeWithProof()).toMatchObject({ status: 200 });
    expect(await exchangeWithProof()).toMatchObject({ status: 200 });
    expect(server.countOf('/token')).toBe(3);
    expect(server.proofs.map((proof) => decodeJwt(proof).nonce)).toEqual([undefined, 'nonce-1', 'nonce-1']);
    expect(new Set(server.proofs.map((proof) => decodeJwt(proof).jti)).size).toBe(3);
  });

  it('CA-05: that the API requires, in a scheme of any case, is sent with the second request', async () => {
    server.handlers['/a%20b'] = requiring(() => 'nonce-1', 'API');
    expect(await callApiWithProof()).toMatchObject({ kind: 'response', status: 200 });
    expect(await callApiWithProof()).toMatchObject({ kind: 'response', status: 200 });
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
    server.handlers['/a%20b'] = server.noting(json({}, 200, { 'dpop-nonce': 'for-later' }));
    await callApiWithProof();
    await callApiWithProof();
    expect(server.proofs.map((proof) => decodeJwt(proof).nonce)).toEqual([undefined, 'for-later']);
  });

  it('CA-05: of one server is not sent to another', async () => {
    const other = await startTestServer();
    server.handlers['/token'] = server.noting(json({}, 200, { 'dpop-nonce': 'of-the-authorization-server' }));
    other.handlers['/a%20b'] = server.noting(json({}));
    useEnvironment({ AUTH_ISSUER: server.origin, API_BASE_URL: other.origin });
    await exchangeWithProof();
    await callApiWithProof();
    await other.close();
    expect(decodeJwt(String(server.proofs[1])).nonce).toBeUndefined();
  });

  it('CA-05: that is new each time is sent once, and the server then counts as failing', async () => {
    let count = 0;
    const never = () => {
      count += 1;
      return `nonce-${count}`;
    };
    server.handlers['/token'] = requiring(never, 'authorization server');
    server.handlers['/a%20b'] = requiring(never, 'API');
    const response = await exchangeWithProof();
    expect(server.countOf('/token')).toBe(2);
    const error = await appErrorOf(async () => validateTokenResponse(response, { isBound: true }));
    expect([error.code, error.reason]).toEqual(['temporarily_unavailable', 'use_dpop_nonce']);
    expect(await callApiWithProof()).toMatchObject({ status: 401 });
    expect(server.countOf('/a%20b')).toBe(2);
  });

  it.each([[''], ['a "quoted" one'], ['n'.repeat(501)], ['back\\slash']])(
    'CA-05: %.20j is none, and is not sent',
    async (nonce) => {
      server.handlers['/token'] = server.noting(
        json({ error: 'use_dpop_nonce' }, 400, { 'dpop-nonce': nonce }),
      );
      expect(await exchangeWithProof()).toMatchObject({ status: 400 });
      expect(server.countOf('/token')).toBe(1);
    },
  );

  it('CA-05: is fetched before a body that can be sent once only, and not from an API that has none', async () => {
    const session = await createBoundSession();
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
        ...(await createBoundSession()),
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
        response: await callApiWithProof(session),
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
