/**
 * Whether new sign-ins ask for tokens that are bound with DPoP. By itself, only where both servers say that
 * they take them: an API that knows bearer tokens alone would lock every user out. What the API says is asked
 * once and kept; sessions go on as they began.
 * @see RFC 9449 §5.1, RFC 9728 §2 and §3
 */
import 'server-only';
import { monotonicMs } from '../base/clock';
import { isRecord } from '../base/guards';
import { type HttpLimits, sendWhole } from '../base/http-client';
import { logFailure } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import type { Api } from '../config/apis';
import { getConfig } from '../config/config';
import { proofAlgorithm } from './dpop';
import type { ServerMetadata } from './metadata-document';

const freshMs = 10 * 60_000;
/** An API that did not answer is asked again soon, but no sign-in in between waits for it. */
const failureMs = 30_000;
const defaultLimits: HttpLimits = { timeoutMs: 3_000, maxBytes: 100_000, redirects: 'pass' };

/** `required`: the API takes no bearer tokens. `unknown`: it says nothing about tokens. */
export type DpopOffer = 'required' | 'offered' | 'not_offered' | 'unknown';

export async function needsDpop(server: ServerMetadata): Promise<boolean> {
  const { dpop } = getConfig();
  if (dpop !== 'auto') return dpop === 'always';
  return takesOurProofs(server) && ['offered', 'required'].includes(await getDpopOffer());
}

export function takesOurProofs({
  dpop_signing_alg_values_supported: algorithms = [],
}: ServerMetadata): boolean {
  return algorithms.includes(proofAlgorithm);
}

type OfferMemory = {
  current: { offer: DpopOffer; untilMs: number } | null;
  flight: Promise<DpopOffer> | null;
};

/** Never throws. The last offer stands while the next one is asked for. */
async function getDpopOffer(): Promise<DpopOffer> {
  const memory = processSingleton('dpop-offer', (): OfferMemory => ({ current: null, flight: null }));
  const { current } = memory;
  if (current !== null && monotonicMs() < current.untilMs) return current.offer;
  memory.flight ??= fetchOnce(memory).finally(() => {
    memory.flight = null;
  });
  return current?.offer ?? memory.flight;
}

async function fetchOnce(memory: OfferMemory): Promise<DpopOffer> {
  const last = memory.current?.offer ?? 'unknown';
  const keep = (offer: DpopOffer, forMs: number) => {
    memory.current = { offer, untilMs: monotonicMs() + forMs };
    return offer;
  };
  try {
    const offers = await Promise.all(getConfig().apis.map((api) => fetchDpopOffer(api)));
    return keep(combineOffers(offers), freshMs);
  } catch (error) {
    logFailure('dpop_offer_unknown', error);
    return keep(last, failureMs);
  }
}

/** The tokens of a session are bound to one key: an API that takes bearer tokens alone decides for all. */
export function combineOffers(offers: readonly DpopOffer[]): DpopOffer {
  const inOrder = ['not_offered', 'unknown', 'required'] as const;
  return inOrder.find((offer) => offers.includes(offer)) ?? 'offered';
}

/** Asks the API's metadata, and where it has none, its challenge to a request without a token. @throws HttpError */
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
