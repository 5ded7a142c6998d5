/**
 * The guard in front of a route: one token, verified, within its rate, with the scope and the sign-in that the route needs.
 * Turns verdicts into the challenges of RFC 6750 §3 and RFC 9470 §3.
 */
import type { MiddlewareHandler } from 'hono';
import { tooManyRequests } from '../http/answer-errors.ts';
import type { ApiContext, ApiEnv } from '../http/api-context.ts';
import type { Caller } from '../http/caller.ts';
import { mediaTypeOf } from '../http/json-body.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import { Refusal } from '../http/refusal.ts';
import type { Challenger, ChallengeScheme } from './challenge.ts';
import { type PresentedToken, readCredentials } from './credentials.ts';
import { describeDemand, judgeSignIn, type SignInDemand } from './fresh-sign-in.ts';
import type { Scope } from './scopes.ts';
import type { Verdict, VerifyAccessToken } from './verify-access-token.ts';

export type ProtectionParts = {
  identifier: string;
  verify: VerifyAccessToken;
  challenge: Challenger;
  callerLimit: RateLimit;
  /** What routes that need a fresh sign-in ask for. */
  signIn: SignInDemand;
  nowMs: () => number;
};

/** The scope is judged first: a new sign-in is no help to a client that lacks the permission. */
export type Protect = (scope: Scope, signIn?: 'fresh') => MiddlewareHandler<ApiEnv>;

export function createProtection(parts: ProtectionParts): Protect {
  return (scope, signIn) => async (c, next) => {
    const presented = await requireToken(c, parts.challenge);
    const path = new URL(c.req.url).pathname;
    const use = { method: c.req.method, url: new URL(path, parts.identifier).href };
    const caller = requireCaller(await parts.verify(presented, use), presented.scheme, parts.challenge);
    c.set('caller', caller);
    const waitSec = parts.callerLimit.take(`${caller.issuer}\n${caller.subject}`);
    if (waitSec > 0) throw tooManyRequests(waitSec, 'caller_limit');
    requireScope(caller, scope, parts.challenge(presented.scheme, { error: 'insufficient_scope', scope }));
    if (signIn === 'fresh') requireFreshSignIn(caller, presented.scheme, parts);
    await next();
  };
}

async function requireToken(c: ApiContext, challenge: Challenger): Promise<PresentedToken> {
  const credentials = readCredentials(c.env.incoming.headersDistinct, await hasTokenElsewhere(c));
  switch (credentials.kind) {
    case 'token':
      return credentials.presented;
    case 'none':
      throw new Refusal('unauthorized', { reason: 'no_token', headers: challenge('Bearer') });
    case 'ambiguous':
      throw new Refusal('invalid_request', {
        detail: 'Send the access token once, in the Authorization header.',
        reason: credentials.reason,
        headers: challenge('Bearer', { error: 'invalid_request' }),
      });
    case 'unreadable':
      throw refuseToken({ ...credentials, error: 'invalid_token' }, challenge);
  }
}

/** In the query (RFC 6750 §2.3) or a form body (§2.2): both end up in logs and caches, neither is accepted. */
async function hasTokenElsewhere(c: ApiContext): Promise<boolean> {
  if (new URL(c.req.url).searchParams.has('access_token')) return true;
  if (c.req.method !== 'POST' || mediaTypeOf(c) !== 'application/x-www-form-urlencoded') return false;
  return new URLSearchParams(await c.req.text()).has('access_token');
}

function requireCaller(verdict: Verdict, scheme: ChallengeScheme, challenge: Challenger): Caller {
  switch (verdict.kind) {
    case 'accepted':
      return verdict.caller;
    case 'refused':
      throw refuseToken({ ...verdict, scheme }, challenge);
    case 'unavailable':
      throw new Refusal('authorization_server_unavailable', {
        reason: 'keys_unavailable',
        headers: { 'retry-after': String(verdict.retryAfterSec) },
      });
  }
}

const descriptions = {
  expired: 'The access token expired',
  invalid_token: 'The access token is not valid here',
  invalid_dpop_proof: 'The DPoP proof is not valid for this request',
};

type RefusedToken = {
  error: 'invalid_token' | 'invalid_dpop_proof';
  reason: string;
  scheme: ChallengeScheme;
};

function refuseToken({ error, reason, scheme }: RefusedToken, challenge: Challenger): Refusal {
  // The only detail that helps an honest client: time to refresh.
  const description = descriptions[reason.endsWith('_exp') ? 'expired' : error];
  const headers = challenge(scheme, { error, error_description: description });
  return new Refusal(error, { detail: `${description}.`, reason, headers });
}

function requireScope(caller: Caller, scope: Scope, headers: Record<string, string>): void {
  if (caller.scopes.has(scope)) return;
  throw new Refusal('insufficient_scope', {
    detail: `The scope ${scope} is needed.`,
    reason: `scope_missing ${scope}`,
    headers,
  });
}

function requireFreshSignIn(caller: Caller, scheme: ChallengeScheme, parts: ProtectionParts): void {
  const lack = judgeSignIn(caller, parts.signIn, Math.floor(parts.nowMs() / 1000));
  if (lack === null) return;
  const demand = describeDemand(parts.signIn, lack);
  throw new Refusal('insufficient_user_authentication', {
    detail: `${demand.error_description}.`,
    reason: lack,
    headers: parts.challenge(scheme, demand),
  });
}
