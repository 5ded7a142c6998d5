/**
 * What the session holds: who is signed in, and the tokens to act for them. It exists only inside a seal and
 * on the server. Pure. The shape is checked again after every unsealing, so that a cookie of an older version
 * is unreadable instead of half understood.
 */
import { z } from 'zod';

/** Longest profile texts that are kept: the ID token's claims are untrusted text and the cookie is small. */
export const profileLimits = { name: 120, email: 254, picture: 512 } as const;

const userSchema = z.object({
  /** `iss` and `sub` together are the identity; never the e-mail address. @see OIDC Core §5.7 */
  issuer: z.string().min(1),
  subject: z.string().min(1),
  name: z.string().nullable(),
  email: z.string().nullable(),
  picture: z.string().nullable(),
});

/**
 * A private key on the curve P-256: the member `d` of its JWK, from which the others follow. Five unfinished
 * sign-ins share a header with the session, each with a key. @see RFC 7518 §6.2.2.1
 */
export const dpopKeySchema = z.string().regex(/^[\w-]{43}$/);

const accessTokenSchema = z.object({
  accessToken: z.string().min(1).nullable(),
  expiresAtSec: z.number().int(),
  obtainedAtSec: z.number().int(),
  target: z.string().optional(),
});

/** `accessToken`, its times and its target are about the first API that is declared. */
const tokenSetSchema = z.object({
  accessToken: z.string().min(1),
  /** Seconds since the epoch. */
  expiresAtSec: z.number().int(),
  obtainedAtSec: z.number().int(),
  /** What the token is for (config/apis.ts); sessions of an older version have none. */
  target: z.string().optional(),
  refreshToken: z.string().min(1).nullable(),
  /** When the refresh token expires, where the authorization server says so. Seconds since the epoch. */
  refreshEndsAtSec: z.number().int().nullable(),
  /**
   * The key, in the refresh result cache, of the refresh token that these tokens replaced. A request that
   * carries these tokens proves that they arrived in the browser, so the cached result that brought them is
   * kept for only one minute more. null: no refresh brought them.
   */
  previousRefreshKey: z.string().nullable(),
  idToken: z.string().min(1).nullable(),
  /** The key to which the access tokens are bound; null: bearer tokens. @see RFC 9449 */
  dpopKey: dpopKeySchema.nullable().default(null),
  /** What was granted, as the authorization server names it, for all APIs together. */
  scopes: z.array(z.string()),
  /** Those of the other APIs, by the name of the token (config/apis.ts). */
  apiTokens: z.record(z.string(), accessTokenSchema).default({}),
  /** How many refreshes brought these tokens: of two sets of one session, the higher number is newer. */
  refreshes: z.number().int().default(0),
});

/** Since when the session is bound to a device (device-binding.ts). Seconds since the epoch. */
const bindingSchema = z.object({
  boundAtSec: z.number().int(),
  /** When a copy of the session was tried without the key of the device; null: never. */
  copiedAtSec: z.number().int().nullable(),
});

const sealedSessionSchema = z.object({
  id: z.string().min(22),
  user: userSchema,
  /** null: too large for a cookie, kept in the store under the session's id (token-store.ts). */
  tokens: tokenSetSchema.nullable(),
  /**
   * When a token was last replaced because the API had rejected it: this stops an endless loop of refreshes.
   * Seconds since the epoch.
   */
  tokenReplacedAtSec: z.number().int().nullable().default(null),
  /** The same of the other APIs. */
  apiTokensReplacedAtSec: z.record(z.string(), z.number().int()).default({}),
  /**
   * Milliseconds since the epoch: finer than a second, so that a sign-in right after a revocation counts as
   * later.
   */
  startedAtMs: z.number().int(),
  /**
   * When the user was last seen as this was sealed; last-seen.ts may know a later time. Seconds since the
   * epoch.
   */
  lastSeenAtSec: z.number().int(),
  /** Absolute end, however active the user is. Seconds since the epoch. */
  endsAtSec: z.number().int(),
  /**
   * The ids of the sessions that this one replaced in its browser within a minute: they are still active
   * then, and signing out revokes them too.
   */
  predecessors: z.array(z.string()).default([]),
  /** The session at the authorization server (`sid` of the ID token, or its hash when it is long). */
  providerSessionId: z.string().nullable(),
  /** When and how the user last authenticated, as the ID token says. @see OIDC Core §2 (auth_time, acr) */
  authTimeSec: z.number().int().nullable(),
  acr: z.string().nullable(),
  /** Declared claims of the ID token, for the pages. */
  claims: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  /** Those of the declared roles that the user has. */
  roles: z.array(z.string()).default([]),
  /** null: not bound to a device. */
  binding: bindingSchema.nullable().default(null),
});
const identitySchema = sealedSessionSchema.pick({ user: true, claims: true, roles: true });

export type User = z.infer<typeof userSchema>;
export type DpopKey = z.infer<typeof dpopKeySchema>;
export type TokenSet = z.infer<typeof tokenSetSchema>;
/** A session as its cookie holds it. */
export type SealedSession = z.infer<typeof sealedSessionSchema>;
/** What the authorization server says about the user; a refresh may bring it anew. */
export type Identity = z.infer<typeof identitySchema>;
export type Session = SealedSession & { tokens: TokenSet };

/** The session in unsealed data, or null when the data has another shape. It may be expired or revoked. */
export function parseSession(data: unknown): SealedSession | null {
  return sealedSessionSchema.safeParse(data).data ?? null;
}

export function parseTokenSet(data: unknown): TokenSet | null {
  return tokenSetSchema.safeParse(data).data ?? null;
}

export function parseIdentity(data: unknown): Identity | null {
  return identitySchema.safeParse(data).data ?? null;
}

export function isSameUser(a: User, b: User): boolean {
  return a.issuer === b.issuer && a.subject === b.subject;
}
