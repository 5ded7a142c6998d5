/**
 * Whether new sign-ins ask for tokens that are bound with DPoP. By itself, only where both servers say that
 * they take them: an API that knows bearer tokens alone would lock every user out. What the API says is asked
 * once and kept; sessions go on as they began.
 * @see RFC 9449 §5.1, RFC 9728 §2 and §3
 */
import 'server-only';
import { monotonicMs } from '../base/clock';
import { AppError } from '../base/errors';
import { isRecord } from '../base/guards';
import { sendWhole } from '../base/http-client';
import type { HttpLimits } from '../base/http-exchange';
import { logFailure } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import type { Api } from '../config/apis';
import { getConfig } from '../config/config';
import { proofAlgorithm } from './dpop';
import { getMetadata } from './metadata';
import type { ServerMetadata } from './metadata-document';

const freshMs = 10 * 60_000;
/** Where an API did not answer, all are asked again soon, and what it said before stands until then. */
const failureMs = 30_000;
/**
 * One that has never answered is waited for again after this, doubled each time up to the above: a session
 * keeps bearer tokens for its life.
 */
const retryMs = 2_000;
const defaultLimits: HttpLimits = { timeoutMs: 3_000, maxBytes: 100_000, redirects: 'pass' };

/** `required`: the API takes no bearer tokens. `unknown`: it says nothing about tokens. */
export type DpopOffer = 'required' | 'offered' | 'not_offered' | 'unknown';

export async function needsDpop(server: ServerMetadata): Promise<boolean> {
  const { dpop } = getConfig();
  if (dpop !== 'auto') return dpop === 'always';
  return takesOurProofs(server) && isBinding(await getDpopOffer());
}

export function takesOurProofs({
  dpop_signing_alg_values_supported: algorithms = [],
}: ServerMetadata): boolean {
  return algorithms.includes(proofAlgorithm);
}

/**
 * For an API that has just rejected a bearer token for being one: whether a new sign-in would get a token that
 * is bound. What an API said before it was changed does not stand against it. Never throws.
 */
export async function wouldBindTokens(): Promise<boolean> {
  try {
    const memory = offerMemory();
    const isOld = monotonicMs() >= memory.askedAtMs + retryMs;
    if (getConfig().dpop === 'auto' && !isBinding(knownOffer(memory)) && isOld) await askOnce(memory);
    return await needsDpop(await getMetadata());
  } catch {
    return false;
  }
}

function isBinding(offer: DpopOffer): boolean {
  return offer === 'offered' || offer === 'required';
}

type OfferMemory = {
  /** What each API said last, by its name. */
  offers: Map<string, DpopOffer>;
  askedAtMs: number;
  untilMs: number;
  /** How often in a row an API did not answer. */
  failures: number;
  flight: Promise<DpopOffer> | null;
};

function offerMemory(): OfferMemory {
  const never = Number.NEGATIVE_INFINITY;
  return processSingleton('dpop-offers', () => ({
    offers: new Map(),
    askedAtMs: never,
    untilMs: never,
    failures: 0,
    flight: null,
  }));
}

/** One that has never answered counts as unknown. */
function knownOffer({ offers }: OfferMemory): DpopOffer {
  return combineOffers(getConfig().apis.map(({ name }) => offers.get(name) ?? 'unknown'));
}

function haveAllAnswered({ offers }: OfferMemory): boolean {
  return getConfig().apis.every(({ name }) => offers.has(name));
}

/** Never throws. The last offers stand while the next ones are asked for. */
async function getDpopOffer(): Promise<DpopOffer> {
  const memory = offerMemory();
  if (monotonicMs() < memory.untilMs) return knownOffer(memory);
  const asked = askOnce(memory);
  return haveAllAnswered(memory) ? knownOffer(memory) : asked;
}

function askOnce(memory: OfferMemory): Promise<DpopOffer> {
  memory.flight ??= fetchOffers(memory).finally(() => {
    memory.flight = null;
  });
  return memory.flight;
}

async function fetchOffers(memory: OfferMemory): Promise<DpopOffer> {
  memory.askedAtMs = monotonicMs();
  const results = await Promise.all(getConfig().apis.map((api) => noteOffer(memory, api)));
  const isWhole = results.every((hasAnswered) => hasAnswered);
  const waitMs = haveAllAnswered(memory) ? failureMs : retryMs * 2 ** memory.failures;
  memory.untilMs = monotonicMs() + (isWhole ? freshMs : Math.min(waitMs, failureMs));
  memory.failures = isWhole ? 0 : memory.failures + 1;
  return knownOffer(memory);
}

/** Never throws: an API that fails takes no answer from the others. @returns whether it answered */
async function noteOffer({ offers }: OfferMemory, api: Api): Promise<boolean> {
  try {
    offers.set(api.name, await fetchDpopOffer(api));
    return true;
  } catch (error) {
    logFailure('dpop_offer_unknown', error, { api: api.name, offer: offers.get(api.name) ?? 'unknown' });
    return false;
  }
}

/**
 * The tokens of a session are bound to one key: an API that takes bearer tokens alone decides for all, and one
 * that takes none for those that say nothing.
 */
export function combineOffers(offers: readonly DpopOffer[]): DpopOffer {
  const inOrder = ['not_offered', 'required', 'unknown'] as const;
  return inOrder.find((offer) => offers.includes(offer)) ?? 'offered';
}

/**
 * Asks the API's metadata, and where it has none, its challenge to a request without a token.
 * @throws HttpError, and AppError `temporarily_unavailable` where a gateway answers in its place
 */
export async function fetchDpopOffer(
  api: Pick<Api, 'baseUrl' | 'audience'>,
  limits: HttpLimits = defaultLimits,
): Promise<DpopOffer> {
  const headers = new Headers({ accept: 'application/json' });
  const ask = (url: URL) => sendWhole(url, { method: 'GET', headers, body: null }, limits);
  const base = new URL(api.baseUrl);
  const path = base.pathname.replace(/\/$/, '');
  const metadata = await ask(new URL(`/.well-known/oauth-protected-resource${path}`, base));
  const document: unknown = metadata.status === 200 ? await metadata.json().catch(() => null) : null;
  if (isRecord(document) && isAboutApi(document.resource, api)) return readMetadata(document);
  const { status, headers: received } = await ask(base);
  if (status >= 500) throw new AppError('temporarily_unavailable', { reason: 'status_5xx' });
  return status === 401 ? readChallenge(received.get('www-authenticate') ?? '') : 'unknown';
}

/** @see RFC 9728 §3.3 */
function isAboutApi(resource: unknown, { baseUrl, audience }: Pick<Api, 'baseUrl' | 'audience'>): boolean {
  const bare = (text: string) => text.replace(/\/$/, '');
  return typeof resource === 'string' && [baseUrl, audience ?? baseUrl].map(bare).includes(bare(resource));
}

function readMetadata(document: Record<string, unknown>): DpopOffer {
  if (document.dpop_bound_access_tokens_required === true) return 'required';
  const { dpop_signing_alg_values_supported: algorithms } = document;
  return Array.isArray(algorithms) && algorithms.includes(proofAlgorithm) ? 'offered' : 'not_offered';
}

/** @see RFC 9449 §7.1 (algs) */
function readChallenge(challenge: string): DpopOffer {
  const [, algorithms = proofAlgorithm] = /\balgs="([^"]*)"/.exec(challenge) ?? [];
  const takesProofs = /(?:^|,)\s*dpop(?![^\s,])/i.test(challenge);
  if (!takesProofs || !algorithms.split(' ').includes(proofAlgorithm)) return 'not_offered';
  return /(?:^|,)\s*bearer(?![^\s,])/i.test(challenge) ? 'offered' : 'required';
}
