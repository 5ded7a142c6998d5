/** Asks the API on behalf of the session's user: sends, judges, and notes in the log what did not go well. */
import 'server-only';
import type { z } from 'zod';
import { nowSec } from '@/lib/base/clock';
import { logWarning } from '@/lib/base/log';
import { getConfig } from '@/lib/config/config';
import { isExpired } from '@/lib/oauth/token-age';
import type { Session } from '@/lib/session/session';
import { isWellMet } from '@/lib/session/sign-in-requirement';
import { markOfToken } from '@/lib/session/token-mark';
import type { ApiAnswer } from './answer';
import { type ApiRequest, sendApiRequest } from './authorized-request';
import { type Judgement, judgeApiResponse } from './judge-response';

/** Outcomes that an operator may want to count. */
const notable = new Set(['token_refused', 'denied', 'slow_down', 'unavailable']);

export async function callApi<T>(
  session: Session,
  request: ApiRequest,
  schema: z.ZodType<T>,
): Promise<ApiAnswer<T>> {
  // An expired token reaches a page only while the authorization server cannot give a new one: nothing to ask, nobody to sign out.
  if (isExpired(session.tokens, nowSec())) return { kind: 'unavailable', reason: 'token_expired' };
  const response = await sendApiRequest(session, request);
  const answer = judgeApiResponse(response, { schema, ...expectationsOf(session) });
  noteAnswer(answer, { method: request.method, resource: request.path.split('/')[1] ?? '' });
  return answer;
}

/** What an answer is judged by, as far as it is the session's. */
export function expectationsOf(session: Session): Omit<Judgement, 'schema'> {
  const { scopes: granted, accessToken } = session.tokens;
  return {
    granted,
    askable: getConfig().scopes,
    tokenMark: markOfToken(accessToken),
    isSatisfied: (requirement) => isWellMet(requirement, session, nowSec()),
  };
}

export function noteAnswer(answer: ApiAnswer<unknown>, request: { method: string; resource: string }): void {
  if (!notable.has(answer.kind)) return;
  const reason = answer.kind === 'unavailable' ? answer.reason : answer.kind;
  logWarning('api_answer', { ...request, reason });
}
