/** Builds everything behind the port: stores, keys, guards and routes, as one function that Node's server calls per request. */
import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { SampleSettings } from '../settings.ts';
import { createApi } from './app.ts';
import { createCalendar } from './calendar/calendar.ts';
import type { Data, DataPowers } from './data.ts';
import { answerRefusal } from './http/answer-errors.ts';
import type { ApiEnv } from './http/api-context.ts';
import type { Log } from './http/log.ts';
import { createRateLimit } from './http/rate-limit.ts';
import { Refusal } from './http/refusal.ts';
import { commonHeaders } from './http/response-headers.ts';
import { createChallenger } from './token/challenge.ts';
import { proofWindowSec } from './token/dpop-proof.ts';
import { KeyRing } from './token/key-ring.ts';
import { createKeyLoader } from './token/load-keys.ts';
import { createProofMemory } from './token/proof-memory.ts';
import { createProtection } from './token/protect.ts';
import { buildResourceMetadata, resourceMetadataPath } from './token/resource-metadata.ts';
import { calendarScopes, type Scope, scopes } from './token/scopes.ts';
import { createVerifier, type VerifyAccessToken } from './token/verify-access-token.ts';

export type ApiSettings = Pick<
  SampleSettings,
  'issuer' | 'apiIdentifier' | 'apiAudience' | 'apiPort' | 'stateFolder' | 'freshSignInSec' | 'requiredAcr'
>;
export type CalendarSettings = Omit<
  ApiSettings,
  'apiIdentifier' | 'apiAudience' | 'apiPort' | 'stateFolder'
> &
  Pick<SampleSettings, 'calendarIdentifier' | 'calendarAudience' | 'calendarPort'>;
export type Powers = DataPowers & { requestsPerMinute: number; log: Log };

export function createListener(settings: ApiSettings, data: Data, powers: Powers): RequestListener {
  const { apiIdentifier: identifier, apiAudience: audience = identifier } = settings;
  const api = createApi({ data, ...createGuards(settings, { identifier, audience, scopes }, powers) });
  return listenTo(api, identifier, powers.log);
}

/** The calendar shares nothing with the other API but its code: not even tokens. */
export function createCalendarListener(settings: CalendarSettings, powers: Powers): RequestListener {
  const { calendarIdentifier: identifier, calendarAudience: audience = identifier } = settings;
  const guards = createGuards(settings, { identifier, audience, scopes: calendarScopes }, powers);
  return listenTo(createCalendar({ nowMs: powers.nowMs, ...guards }), identifier, powers.log);
}

type Resource = { identifier: string; audience: string; scopes: readonly Scope[] };
type GuardSettings = Pick<ApiSettings, 'issuer' | 'freshSignInSec' | 'requiredAcr'>;

function createGuards(
  { issuer, freshSignInSec, requiredAcr }: GuardSettings,
  resource: Resource,
  powers: Powers,
) {
  const { identifier, audience, scopes: supported } = resource;
  const { log, requestsPerMinute: perMinute, nowMs } = powers;
  return {
    log,
    protect: createProtection({
      identifier,
      challenge: createChallenger(new URL(resourceMetadataPath, identifier).href),
      callerLimit: createRateLimit({ perMinute, nowMs }),
      verify: buildVerifier(issuer, audience, nowMs),
      signIn: { maxAgeSec: freshSignInSec, acr: requiredAcr },
      nowMs,
    }),
    anonymousLimit: createRateLimit({ perMinute, nowMs }),
    metadata: buildResourceMetadata(identifier, issuer, supported),
  };
}

function listenTo(api: Hono<ApiEnv>, identifier: string, log: Log): RequestListener {
  return getRequestListener(api.fetch, {
    hostname: new URL(identifier).hostname,
    overrideGlobalObjects: false,
    errorHandler: createUnroutableAnswer(log),
  });
}

function buildVerifier(issuer: string, audience: string, nowMs: () => number): VerifyAccessToken {
  return createVerifier({
    identifier: audience,
    keyRing: new KeyRing(createKeyLoader(issuer), nowMs),
    // Twice the window: a proof may be a window ahead of our clock and is good until a window behind it.
    proofMemory: createProofMemory({ keepMs: 2 * proofWindowSec * 1000, nowMs }),
    nowMs,
  });
}

/** Answers a request whose address cannot even be read, for example because of its Host header. */
function createUnroutableAnswer(log: Log) {
  return (): Response => {
    log('refused', { code: 'invalid_request', reason: 'unroutable', status: 400 });
    const response = answerRefusal(new Refusal('invalid_request'));
    for (const [name, value] of Object.entries(commonHeaders)) response.headers.set(name, value);
    return response;
  };
}
