/**
 * The lying server's token, userinfo and revocation endpoints. Their responses are right but for the fault of
 * the grant.
 */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type Grant, newCanary } from './grant.ts';
import { type Claims, makeToken, type TokenFault } from './json-web-token.ts';
import type { ReceivedRequest } from './listener.ts';
import { challengeOf } from './oracle.ts';
import { type Body, sendReply } from './replies.ts';
import { grantOfAccessToken, type ServerState } from './server-state.ts';

export function handleToken(state: ServerState, request: ReceivedRequest, response: ServerResponse): void {
  const form = new URLSearchParams(request.body);
  const type = form.get('grant_type');
  if (!state.oracle.validateClient(request)) {
    reject(response, 'invalid_client', 401);
    return;
  }
  const proof = state.oracle.validateProof(request, state.issuer, null);
  if (proof !== null && state.nonce !== null && proof.nonce !== state.nonce) {
    const headers = { 'dpop-nonce': state.nonce };
    sendReply(response, { error: 'use_dpop_nonce' }, { status: 400, headers });
  } else if (type === 'authorization_code') exchange(state, { form, jkt: proof?.jkt ?? null }, response);
  else if (type === 'refresh_token') refresh(state, { form, jkt: proof?.jkt ?? null }, response);
  else state.oracle.breaches.push(`grant_type ${type}`);
}

/** What is asked for, and the key to which the tokens are to be bound. */
type TokenRequest = { form: URLSearchParams; jkt: string | null };

function exchange(state: ServerState, { form, jkt }: TokenRequest, response: ServerResponse): void {
  state.oracle.validateExchange(form);
  const grant = redeem(state, form.get('code'), form.get('code_verifier') ?? '');
  if (grant === null) {
    reject(response, 'invalid_grant');
    return;
  }
  grant.jkt = jkt;
  // The code is bound to the key with which it is redeemed. @see RFC 9449 §10
  if (jkt !== grant.request.get('dpop_jkt'))
    state.oracle.breaches.push('exchange: another key than dpop_jkt');
  const tokens = issueTokens(grant);
  const idToken = issueIdToken(state, grant, tokens.access_token, grant.fault.idToken);
  sendReply(response, { ...tokens, id_token: idToken }, grant.fault.token);
}

/**
 * As at every honest server, a code that was injected into the sign-in of another user is rejected. @see RFC
 * 7636 §4.6
 */
function redeem({ grants }: ServerState, code: string | null, verifier: string): Grant | null {
  const grant = grants.find((one) => one.code === code);
  if (grant === undefined || grant.isRedeemed) return null;
  if (challengeOf(verifier) !== grant.request.get('code_challenge')) return null;
  return Object.assign(grant, { isRedeemed: true, verifier });
}

function refresh(state: ServerState, { form, jkt }: TokenRequest, response: ServerResponse): void {
  state.oracle.validateRefresh(form);
  const token = form.get('refresh_token') ?? '';
  const grant = state.grants.find(({ refreshTokens }) => refreshTokens.at(-1) === token);
  if (grant === undefined || state.revoked.includes(token)) {
    reject(response, 'invalid_grant');
    return;
  }
  if (jkt !== grant.jkt) state.oracle.breaches.push('refresh: another key than that of the session');
  const tokens = issueTokens(grant);
  const { refreshedIdToken: fault } = grant.fault;
  const more =
    fault === undefined ? {} : { id_token: issueIdToken(state, grant, tokens.access_token, fault) };
  sendReply(response, { ...tokens, ...more }, grant.fault.refresh);
}

function issueTokens(grant: Grant): Body & { access_token: string } {
  const [access, refreshed] = [newCanary('access'), newCanary('refresh')];
  grant.accessTokens.push(access);
  grant.refreshTokens.push(refreshed);
  return {
    access_token: access,
    token_type: grant.jkt === null ? 'Bearer' : 'DPoP',
    expires_in: 3_600,
    refresh_token: refreshed,
    scope: grant.request.get('scope'),
  };
}

function issueIdToken(
  { issuer, client, keys: [key] }: ServerState,
  grant: Grant,
  accessToken: string,
  fault: TokenFault = {},
): string {
  if (key === undefined) throw new Error('The server has no key.');
  const nowSec = Math.floor(Date.now() / 1000);
  const claims: Claims = {
    iss: issuer,
    aud: client.id,
    exp: nowSec + 300,
    iat: nowSec,
    auth_time: nowSec,
    nonce: grant.request.get('nonce') ?? undefined,
    sid: grant.sid,
    at_hash: halfHashOf(accessToken, typeof fault.sign === 'object' ? fault.sign.alg : key.alg),
    ...grant.user,
  };
  const token = makeToken(key, { header: {}, claims }, fault);
  grant.idTokens.push(token);
  return token;
}

/** `at_hash` with the hash of the algorithm. @see OIDC Core §3.1.3.8 */
function halfHashOf(accessToken: string, alg: string): string {
  const bits = alg === 'EdDSA' ? '512' : /\d+$/.exec(alg)?.[0];
  const digest = createHash(`sha${bits}`).update(accessToken).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

export function handleUserinfo(state: ServerState, request: ReceivedRequest, response: ServerResponse): void {
  const [, token = ''] = request.headers.authorization?.split(' ') ?? [];
  const grant = grantOfAccessToken(state, token);
  const jkt = state.oracle.validateProof(request, state.issuer, token)?.jkt ?? null;
  if (grant !== undefined && jkt !== grant.jkt) state.oracle.breaches.push('userinfo: another key');
  state.oracle.validateBearer(request, grant !== undefined);
  if (grant === undefined) reject(response, 'invalid_token', 401);
  else sendReply(response, grant.user, grant.fault.userinfo);
}

export function handleRevocation(
  state: ServerState,
  request: ReceivedRequest,
  response: ServerResponse,
): void {
  state.oracle.validateClient(request);
  const token = new URLSearchParams(request.body).get('token') ?? '';
  state.revoked.push(token);
  const grant = state.grants.find(({ refreshTokens }) => refreshTokens.includes(token));
  sendReply(response, {}, grant?.fault.revocation);
}

function reject(response: ServerResponse, error: string, status = 400): void {
  sendReply(response, { error, error_description: 'x-marker <x-xss>"\'&' }, { status });
}
