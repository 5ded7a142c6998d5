/** DPoP proofs seen lately: each is accepted once. Bounded; when full it refuses, it never forgets early. @see RFC 9449 §11.1 */
import { createHash } from 'node:crypto';

export type ProofMemory = {
  /** @returns whether the proof is new and now remembered. */
  remember(thumbprint: string, jti: string): 'new' | 'replayed' | 'full';
};

export type ProofMemoryOptions = { keepMs: number; maxProofs?: number; nowMs: () => number };

export function createProofMemory({ keepMs, maxProofs = 50_000, nowMs }: ProofMemoryOptions): ProofMemory {
  // In order of insertion, which is order of expiry too.
  const expiresAtMs = new Map<string, number>();

  function forgetExpired(now: number): void {
    for (const [key, expiry] of expiresAtMs) {
      if (expiry > now) return;
      expiresAtMs.delete(key);
    }
  }

  return {
    remember(thumbprint, jti) {
      const now = nowMs();
      forgetExpired(now);
      const key = createHash('sha256').update(`${thumbprint}\n${jti}`).digest('base64url');
      if (expiresAtMs.has(key)) return 'replayed';
      if (expiresAtMs.size >= maxProofs) return 'full';
      expiresAtMs.set(key, now + keepMs);
      return 'new';
    },
  };
}
