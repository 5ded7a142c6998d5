/**
 * Validates the API's response: one mapping from statuses and challenges to results. Pure.
 * @see RFC 6750 §3.1, RFC 9457
 */
import { z } from 'zod';
import { readPlainText } from '../base/guards';
import { readRetryAfter } from '../base/retry-after';
import { type AuthenticationRequirement, readRequirement } from '../session/authentication-requirement';
import type { ApiResult, FieldProblem } from './api-result';
import type { ApiResponse } from './send-request';
import { isTokenScheme, readTokenRejection } from './token-rejection';

export type Expectations = {
  /** Shape of a good response. */
  schema: z.ZodType;
  /** Scopes that the session has, and those that the application may ask for. */
  granted: readonly string[];
  askable: readonly string[];
  /** Which access token was sent, and whether a DPoP proof came with it. */
  tokenFingerprint: string;
  isBound: boolean;
  /** Whether the session's own sign-in already meets the requirement. */
  isSatisfied: (requirement: AuthenticationRequirement) => boolean;
};

type Expected = Omit<Expectations, 'schema'>;

type Challenge = {
  scheme: string;
  parameters: {
    error?: string;
    error_description?: string;
    scope?: string;
    acr_values?: string;
    max_age?: string;
  };
};

type ReceivedResponse = Extract<ApiResponse, { kind: 'response' }>;

const problemSchema = z.object({
  errors: z.array(z.object({ field: z.string(), message: z.string() })).max(50),
});

export function validateApiResponse<T>(
  response: ApiResponse,
  { schema, ...expected }: Expectations & { schema: z.ZodType<T> },
): ApiResult<T> {
  if (response.kind === 'no_response') return { kind: 'unavailable', reason: response.reason };
  const { status } = response;
  if (status >= 200 && status < 300) return readValue(response, schema);
  if (status === 401) return validateUnauthorized(response, expected);
  if (status === 403) return validateForbidden(response, expected);
  if (status === 404 || status === 410) return { kind: 'not_found' };
  if (status === 400 || status === 409 || status === 413 || status === 422)
    return { kind: 'invalid', problems: readProblems(response.text) };
  if (status === 429)
    return {
      kind: 'rate_limited',
      retryAfterSec: readRetryAfter(response.headers.get('retry-after')) ?? null,
    };
  return { kind: 'unavailable', reason: `status_${status}` };
}

function readValue<T>({ status, headers, text }: ReceivedResponse, schema: z.ZodType<T>): ApiResult<T> {
  if (status === 204) return readParsed(null, schema);
  const type = headers.get('content-type') ?? '';
  // The value of a CSV file is its text.
  if (/^text\/csv\b/i.test(type)) return readParsed(text, schema);
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) return { kind: 'unavailable', reason: 'not_json' };
  return readParsed(parseJson(text), schema);
}

function readParsed<T>(data: unknown, schema: z.ZodType<T>): ApiResult<T> {
  const parsed = schema.safeParse(data);
  return parsed.success
    ? { kind: 'ok', value: parsed.data }
    : { kind: 'unavailable', reason: 'unexpected_shape' };
}

/** When the session already meets the requirement, signing in again would go in circles. @see RFC 9470 §3 */
function validateUnauthorized(
  { headers, challenges }: Pick<ReceivedResponse, 'headers' | 'challenges'>,
  { tokenFingerprint, isBound, isSatisfied }: Expected,
): ApiResult<never> {
  if (!isBound && challenges.length > 0 && challenges.every(isDpop)) return { kind: 'dpop_required' };
  const reason = isBound ? findProofProblem(challenges) : undefined;
  if (reason !== undefined) return { kind: 'unavailable', reason };
  const challenge = findChallenge(challenges, 'insufficient_user_authentication', isBound);
  if (challenge === undefined)
    return { kind: 'invalid_token', tokenFingerprint, rejection: readTokenRejection(headers, challenges) };
  const requirement = readRequirement(challenge.parameters);
  if (requirement === null || isSatisfied(requirement)) return { kind: 'access_denied' };
  return { kind: 'insufficient_user_authentication', requirement };
}

/**
 * Users are asked for a scope only if we may ask for it and it is not granted yet: asking for a granted one
 * would go in circles.
 */
function validateForbidden(
  { challenges }: Pick<ReceivedResponse, 'challenges'>,
  { granted, askable, isBound }: Expected,
): ApiResult<never> {
  const challenge = findChallenge(challenges, 'insufficient_scope', isBound);
  const wanted = (challenge?.parameters.scope ?? '').split(' ');
  const scope = wanted.find((one) => askable.includes(one) && !granted.includes(one));
  return scope === undefined ? { kind: 'access_denied' } : { kind: 'insufficient_scope', scope };
}

/** What no new token mends: the API rejects our proof, or demands nonces for ever. @see RFC 9449 §7.1, §9 */
function findProofProblem(challenges: readonly Challenge[]): string | undefined {
  const dpop = challenges.find(isDpop);
  return ['use_dpop_nonce', 'invalid_dpop_proof'].find((problem) => problem === dpop?.parameters.error);
}

function isDpop({ scheme }: Challenge): boolean {
  return scheme.toLowerCase() === 'dpop';
}

/** Challenges of other schemes are about other credentials than ours. @see RFC 6750 §3, RFC 9449 §7.1 */
function findChallenge(
  challenges: readonly Challenge[],
  error: string,
  isBound: boolean,
): Challenge | undefined {
  return challenges.find(
    ({ scheme, parameters }) => isTokenScheme(scheme, isBound) && parameters.error === error,
  );
}

function readProblems(text: string): FieldProblem[] {
  const parsed = problemSchema.safeParse(parseJson(text));
  const problems = parsed.success ? parsed.data.errors : [];
  return problems.map(({ field, message }) => ({
    field,
    message: readPlainText(message, 300) ?? 'is not valid',
  }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
