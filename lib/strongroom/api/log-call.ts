/** One line in the log for each call to the API that an operator may want to know of, with its cause. */
import 'server-only';
import { BoundedMap } from '../base/bounded-map';
import { nowSec } from '../base/clock';
import { AppError } from '../base/errors';
import type { EventFields, EventName } from '../base/events';
import { describeCauses, logFailure, logWarning } from '../base/log';
import { cleanWords } from '../base/outside-words';
import { processSingleton } from '../base/process-singleton';
import { getApi, getConfig } from '../config/config';
import { pseudonymOf } from '../session/user-pseudonym';
import type { ApiSession } from './api-session';
import { readTokenAudience, type TokenRejection } from './token-rejection';

/** For the same user and resource, an error that only an operator can mend is written once in this time. */
const errorEveryMs = 60_000;

/** The API does not accept a token that is as fresh as can be. */
export class TokenRejectedError extends Error {
  override readonly name = 'TokenRejectedError';
  /** What an operator compares: issuer, audience, both clocks, and what the API says. */
  readonly fields: EventFields;

  constructor(
    { user, tokens, api = getApi() }: ApiSession,
    { apiTimeSec, error, description }: TokenRejection,
  ) {
    super();
    this.fields = {
      api: api.name,
      issuer: getConfig().issuer,
      audience: api.audience ?? 'none',
      tokenAudience: cleanWords(readTokenAudience(tokens.accessToken)) ?? 'unreadable',
      ourTime: timeOf(nowSec()),
      apiTime: apiTimeSec === null ? 'unknown' : timeOf(apiTimeSec),
      apiError: cleanWords(error),
      apiErrorDescription: cleanWords(description),
      userPseudonym: pseudonymOf(user),
    };
  }
}

type CallFields = EventFields & { method: string; resource: string; reason: string };

/** @param cause of a call without a usable response; nothing else logs it */
export function logCall(event: EventName, fields: CallFields, cause?: unknown): void {
  const causes = cause === undefined ? {} : { causes: describeCauses(cause) };
  if (cause instanceof TokenRejectedError && isFirst(cause, fields))
    logFailure('token_rejected', cause, { ...fields, ...cause.fields });
  else if (fields.reason === 'internal_error') logFailure(event, cause, fields);
  else if (fields.reason === 'dpop_required')
    logFailure(event, new AppError('configuration_invalid', { reason: 'dpop_required' }), {
      ...fields,
      variable: 'AUTH_DPOP',
    });
  else logWarning(event, { ...fields, ...causes });
}

function isFirst({ fields: { userPseudonym } }: TokenRejectedError, { resource }: CallFields): boolean {
  const logged = processSingleton('token-rejections-logged', () => new BoundedMap<true>(1_000));
  const key = `${userPseudonym} ${resource}`;
  if (logged.get(key) !== null) return false;
  logged.set(key, true, errorEveryMs);
  return true;
}

function timeOf(sec: number): string {
  return new Date(sec * 1000).toISOString();
}
