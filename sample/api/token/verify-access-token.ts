/**
 * Decides whether a presented token is believed: our cheap rules, the keys, the library (signature, issuer, audience, expiry,
 * DPoP binding), our rules about claims. Answers a value; only the router turns it into HTTP. @see RFC 9068 §4, RFC 9449 §7
 */
import {
  allowInsecureRequests,
  clockTolerance,
  customFetch,
  type JWTAccessTokenClaims,
  validateJwtAccessToken,
} from 'oauth4webapi';
import type { Caller } from '../http/caller.ts';
import type { PresentedToken } from './credentials.ts';
import { judgeProof } from './dpop-proof.ts';
import type { KeyRing } from './key-ring.ts';
import type { KeySnapshot } from './load-keys.ts';
import type { ProofMemory } from './proof-memory.ts';
import { readScopes } from './scopes.ts';
import { clockToleranceSec, judgeClaims } from './token-claims.ts';
import { readTokenHeader, signingAlgorithms } from './token-header.ts';

export type Verdict =
  | { kind: 'accepted'; caller: Caller }
  | { kind: 'refused'; error: 'invalid_token' | 'invalid_dpop_proof'; reason: string }
  | { kind: 'unavailable'; retryAfterSec: number };

export type VerifierParts = {
  /** This API's identifier: the audience that tokens must name. */
  identifier: string;
  keyRing: KeyRing;
  proofMemory: ProofMemory;
  nowMs: () => number;
};

/** `url` is the request's address on this API's own origin: the Host header has no say in what a proof must name. */
type TokenUse = { method: string; url: string };
export type VerifyAccessToken = (presented: PresentedToken, use: TokenUse) => Promise<Verdict>;

export function createVerifier(parts: VerifierParts): VerifyAccessToken {
  return async function verifyAccessToken(presented, use) {
    const nowSec = Math.floor(parts.nowMs() / 1000);
    const shape = readTokenHeader(presented.token);
    if (shape.kind === 'refused') return refuseToken(shape.reason);
    const keys = await parts.keyRing.find(shape.header);
    if (keys.kind === 'unavailable') return keys;
    if (keys.kind === 'unknown') return refuseToken('key_unknown');

    const target = { ...use, token: presented.token, nowSec };
    const proof = presented.scheme === 'DPoP' ? await judgeProof(presented.proof, target) : null;
    if (proof?.kind === 'refused') return refuseProof(proof.reason);
    const outcome = await runLibrary(parts.identifier, buildRequest(presented, use), keys.snapshot);
    if ('reason' in outcome) return refuseToken(outcome.reason);
    const broken = judgeClaims(outcome.claims, nowSec);
    if (broken !== null) return refuseToken(broken);

    // Last, so that only proofs of believed tokens take up memory.
    if (proof) {
      const seen = parts.proofMemory.remember(String(outcome.claims.cnf?.jkt), proof.jti);
      if (seen === 'full') return { kind: 'unavailable', retryAfterSec: 5 };
      if (seen === 'replayed') return refuseProof('proof_replayed');
    }
    return { kind: 'accepted', caller: callerOf(outcome.claims) };
  };
}

type LibraryOutcome = { claims: JWTAccessTokenClaims } | { reason: string };

/** Whatever the library throws about a token is a refusal: nothing that a stranger sends may become a 500. */
async function runLibrary(
  audience: string,
  request: Request,
  snapshot: KeySnapshot,
): Promise<LibraryOutcome> {
  try {
    const claims = await validateJwtAccessToken(snapshot.server, request, audience, {
      signingAlgorithms: [...signingAlgorithms],
      [clockTolerance]: clockToleranceSec,
      [allowInsecureRequests]: true,
      // The library's own cache drops all keys when the server is away. It is handed ours, and never opens a connection.
      [customFetch]: async () => Response.json({ keys: snapshot.keys }),
    });
    return { claims };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function buildRequest({ scheme, token, proof }: PresentedToken, { method, url }: TokenUse): Request {
  const headers = new Headers({ authorization: `${scheme} ${token}` });
  if (proof !== null) headers.set('dpop', proof);
  return new Request(url, { method, headers });
}

function callerOf({ iss, sub, scope, exp, auth_time, acr }: JWTAccessTokenClaims): Caller {
  return {
    issuer: iss,
    subject: sub,
    scopes: readScopes(scope),
    expiresAtSec: exp,
    authTimeSec: typeof auth_time === 'number' ? auth_time : null,
    acr: typeof acr === 'string' ? acr : null,
  };
}

/** The library's stable code, with the claim in question; nothing of its text. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unreadable';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const claim = (error.cause as { claim?: unknown } | undefined)?.claim;
  return [code, claim]
    .filter((part) => typeof part === 'string')
    .join('_')
    .toLowerCase();
}

function refuseToken(reason: string): Verdict {
  return { kind: 'refused', error: 'invalid_token', reason };
}

function refuseProof(reason: string): Verdict {
  return { kind: 'refused', error: 'invalid_dpop_proof', reason };
}
