/**
 * The one funnel from an error to an answer and a log line. Refusals are expected; anything else is a 500 that says nothing.
 * Refused requests without a verified user are counted per address, so guessing tokens runs into the limit.
 */
import { routePath } from 'hono/route';
import { type ApiContext, addressOf } from './api-context.ts';
import { type Log, pseudonymOf } from './log.ts';
import { buildProblem, type ProblemCode, problemContentType, statusOf } from './problem.ts';
import type { RateLimit } from './rate-limit.ts';
import { Refusal } from './refusal.ts';

export function createErrorAnswer(options: { anonymousLimit: RateLimit; log: Log }) {
  return function answerError(error: Error, c: ApiContext): Response {
    const refusal = limitAnonymous(toRefusal(error, options.log), c, options.anonymousLimit);
    const status = statusOf(refusal.code);
    const caller = c.get('caller');
    options.log('refused', {
      code: refusal.code,
      reason: refusal.options.reason ?? refusal.code,
      status,
      method: c.req.method.slice(0, 16),
      // The pattern, not the path: a path may hold anything.
      route: routePath(c, -1),
      user: caller && pseudonymOf(caller.issuer, caller.subject),
    });
    return answerRefusal(refusal);
  };
}

/** Turns a refusal into its response. */
export function answerRefusal({ code, options }: Refusal): Response {
  const body = JSON.stringify(buildProblem(code, options.detail, options.errors));
  return new Response(body, {
    status: statusOf(code),
    headers: { ...options.headers, 'content-type': problemContentType },
  });
}

export function tooManyRequests(waitSec: number, reason: string): Refusal {
  return new Refusal('too_many_requests', {
    detail: `Try again in ${waitSec} seconds.`,
    reason,
    headers: { 'retry-after': String(waitSec) },
  });
}

// An outage of the authorization server is nobody's fault here and does not use up an address.
const uncounted: ReadonlySet<ProblemCode> = new Set([
  'authorization_server_unavailable',
  'too_many_requests',
]);

function limitAnonymous(refusal: Refusal, c: ApiContext, limit: RateLimit): Refusal {
  if (c.get('caller') || uncounted.has(refusal.code)) return refusal;
  const waitSec = limit.take(addressOf(c));
  return waitSec > 0 ? tooManyRequests(waitSec, 'address_limit') : refusal;
}

function toRefusal(error: Error, log: Log): Refusal {
  if (error instanceof Refusal) return error;
  log('unexpected_error', { name: error.name, stack: error.stack });
  return new Refusal('internal_error', { reason: 'unexpected' });
}
