/**
 * What the session holds: who is signed in, and the tokens to act for them. It exists only inside a seal and on the server.
 * Pure; the shape is checked again after every unsealing, so that a cookie of an older version means "signed out".
 */
import { z } from 'zod';

/** Longest profile texts that are kept: the ID token's claims are untrusted text and the cookie is small. */
export const profileLimits = { name: 120, email: 254, picture: 512 } as const;

const userSchema = z.object({
  /** `iss` and `sub` together are the identity; never the e-mail address. @see OIDC Core §5.7 */
  issuer: z.string().min(1),
  subject: z.string().min(1).max(255),
  name: z.string().nullable(),
  email: z.string().nullable(),
  picture: z.string().nullable(),
});

const tokenSetSchema = z.object({
  accessToken: z.string().min(1),
  /** Seconds since the epoch. */
  expiresAtSec: z.number().int(),
  obtainedAtSec: z.number().int(),
  refreshToken: z.string().min(1).nullable(),
  idToken: z.string().min(1).nullable(),
  /** What was granted, in the authorization server's words. */
  scopes: z.array(z.string()),
  /** Whether these tokens replaced ones that the API had refused: the guard against refreshing in circles. */
  isRecovery: z.boolean(),
});

const sessionSchema = z.object({
  id: z.string().min(22),
  user: userSchema,
  tokens: tokenSetSchema,
  signedInAtSec: z.number().int(),
  /** Absolute end, whatever happens in between. Seconds since the epoch. */
  endsAtSec: z.number().int(),
  /** `sid` of the ID token: the session at the authorization server. */
  providerSessionId: z.string().nullable(),
});

export type User = z.infer<typeof userSchema>;
export type TokenSet = z.infer<typeof tokenSetSchema>;
export type Session = z.infer<typeof sessionSchema>;

/** The session in unsealed data, or null when it is none, or over. */
export function parseSession(data: unknown, atSec: number): Session | null {
  const parsed = sessionSchema.safeParse(data);
  if (!parsed.success || parsed.data.endsAtSec <= atSec) return null;
  return parsed.data;
}

export function parseTokenSet(data: unknown): TokenSet | null {
  return tokenSetSchema.safeParse(data).data ?? null;
}

export function isSameUser(a: User, b: User): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}
