/**
 * How freshly, or how strongly, a user must have signed in for an action. Pure.
 * @see RFC 9470 §3, OIDC Core §3.1.2.1
 */
import { z } from 'zod';
import type { ReasonOf } from '../base/errors';

const maxAcrValues = 10;
const maxAcrChars = 120;
const maxMaxAgeSec = 365 * 24 * 3600;
/** Clocks of two servers differ. */
const clockToleranceSec = 60;

export const authenticationRequirementSchema = z.object({
  /** Seconds since the user authenticated; null: any age. */
  maxAgeSec: z.number().int().min(0).max(maxMaxAgeSec).nullable(),
  /** One of these ways of signing in; none: any. */
  acrValues: z
    .array(z.string().regex(/^[\x21-\x7e]{1,255}$/))
    .max(maxAcrValues)
    // They travel in cookies and addresses.
    .refine((values) => values.join(' ').length <= maxAcrChars),
});

export type AuthenticationRequirement = z.infer<typeof authenticationRequirementSchema>;

/**
 * What a challenge asks for, or null when it asks for nothing that we could pass on. Its texts come from
 * outside: they are bounded and checked.
 */
export function readRequirement(parameters: {
  acr_values?: string;
  max_age?: string;
}): AuthenticationRequirement | null {
  const { acr_values = '', max_age = '' } = parameters;
  const parsed = authenticationRequirementSchema.safeParse({
    maxAgeSec: /^\d{1,9}$/.test(max_age) ? Number(max_age) : null,
    acrValues: acr_values.split(' ').filter((value) => value !== ''),
  });
  const requirement = parsed.data;
  if (requirement === undefined) return null;
  return requirement.maxAgeSec === null && requirement.acrValues.length === 0 ? null : requirement;
}

export type Authentication = {
  /** Seconds since the epoch; null when the ID token does not say. */
  authTimeSec: number | null;
  acr: string | null;
};

/**
 * Which requirement is unmet, as one word for the log, or null when the sign-in is as asked.
 * @see OIDC Core §3.1.3.7 (12, 13)
 */
export function findUnmetRequirement(
  { maxAgeSec, acrValues }: AuthenticationRequirement,
  { authTimeSec, acr }: Authentication,
  atSec: number,
  toleranceSec = clockToleranceSec,
): ReasonOf<'unmet_authentication_requirements'> | null {
  if (maxAgeSec !== null) {
    if (authTimeSec === null) return 'auth_time_missing';
    if (authTimeSec > atSec + toleranceSec) return 'auth_time_ahead';
    if (authTimeSec + maxAgeSec + toleranceSec < atSec) return 'auth_time_too_old';
  }
  if (acrValues.length > 0 && !(acr !== null && acrValues.includes(acr))) return 'acr_not_as_asked';
  return null;
}

/**
 * Whether signing in again would change nothing: the sign-in is as asked, and at most half as old as it may
 * be.
 */
export function isRequirementMet(
  requirement: AuthenticationRequirement,
  authentication: Authentication,
  atSec: number,
): boolean {
  const { maxAgeSec } = requirement;
  const strict = { ...requirement, maxAgeSec: maxAgeSec === null ? null : Math.floor(maxAgeSec / 2) };
  const { authTimeSec } = authentication;
  // The server's clock may be fast: a sign-in some seconds in the future counts as one of now.
  const isWithinTolerance =
    authTimeSec !== null && authTimeSec > atSec && authTimeSec <= atSec + clockToleranceSec;
  const now = { ...authentication, authTimeSec: isWithinTolerance ? atSec : authTimeSec };
  return findUnmetRequirement(strict, now, atSec, 0) === null;
}
