/**
 * What both APIs of this process have in common: errors, limits, headers, health, and what they tell about themselves.
 */
import { type Context, Hono } from 'hono';
import { type buildResourceMetadata, resourceMetadataPath } from '../token/resource-metadata.ts';
import { createErrorAnswer, tooManyRequests } from './answer-errors.ts';
import { type ApiContext, type ApiEnv, addressOf } from './api-context.ts';
import type { Log } from './log.ts';
import type { RateLimit } from './rate-limit.ts';
import { Refusal } from './refusal.ts';
import { limitUrl } from './request-limits.ts';
import { setCommonHeaders } from './response-headers.ts';

export type RouterParts = {
  anonymousLimit: RateLimit;
  metadata: ReturnType<typeof buildResourceMetadata>;
  log: Log;
};

export function createRouter({ anonymousLimit, metadata, log }: RouterParts): Hono<ApiEnv> {
  const router = new Hono<ApiEnv>();
  router.onError(createErrorAnswer({ anonymousLimit, log }));
  router.notFound(refuseUnknownPath);
  router.use(setCommonHeaders, limitUrl);
  router.get('/healthz', (c) => c.json({ status: 'ok' }));
  router.get(resourceMetadataPath, (c) => {
    const waitSec = anonymousLimit.take(addressOf(c));
    if (waitSec > 0) throw tooManyRequests(waitSec, 'address_limit');
    return c.json(metadata);
  });
  for (const path of ['/healthz', resourceMetadataPath]) router.all(path, refuseMethod('GET, HEAD'));
  return router;
}

function refuseUnknownPath(_: Context): never {
  throw new Refusal('not_found', { detail: 'There is nothing at this address.' });
}

/** Stands after the routes of a path and answers every other method. @see RFC 9110 §15.5.6 */
export function refuseMethod(allow: string) {
  return (_: ApiContext): never => {
    throw new Refusal('method_not_allowed', { detail: `Allowed: ${allow}.`, headers: { allow } });
  };
}
