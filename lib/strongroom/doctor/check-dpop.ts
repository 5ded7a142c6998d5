/**
 * Whether tokens are bound to a key of their session, and whether both servers go along with that.
 * @see RFC 9449, RFC 9728
 */
import 'server-only';
import type { Api } from '../config/apis';
import { proofAlgorithm } from '../oauth/dpop';
import { combineOffers, type DpopOffer, fetchDpopOffer, takesOurProofs } from '../oauth/dpop-support';
import type { Context, Server } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, error } = findingsOf('DPoP');

export async function checkDpop(context: Context, { metadata }: Server): Promise<Finding[]> {
  const { config, limits } = context;
  // An API that cannot be reached has a line of its own.
  const ask = (api: Api) => fetchDpopOffer(api, limits).catch((): DpopOffer => 'unknown');
  const offers = await Promise.all(config.apis.map(ask));
  const offer = combineOffers(offers);
  const isTaken = takesOurProofs(metadata);
  if (config.dpop === 'never') return [explainNever(offer)];
  if (config.dpop === 'always') return explainAlways(offer, isTaken);
  const strictApi = config.apis.find((_api, at) => offers[at] === 'required') ?? null;
  return [explainAuto(offer, isTaken, strictApi)];
}

const toAuto = { variable: 'AUTH_DPOP', mend: 'set it to auto' };

function explainNever(offer: DpopOffer): Finding {
  return offer === 'required' ? error('the API takes no bearer tokens', toAuto) : ok('bearer tokens');
}

function explainAlways(offer: DpopOffer, isTaken: boolean): Finding[] {
  const problems = [
    ...(isTaken
      ? []
      : [error(`the server does not say that it takes proofs with ${proofAlgorithm}`, toAuto)]),
    ...(offer === 'not_offered'
      ? [error('the API does not say that it takes bound tokens, so that it rejects them', toAuto)]
      : []),
  ];
  return problems.length > 0 ? problems : [ok('tokens are bound to a key of their session')];
}

/** @param strictApi takes no bearer tokens */
function explainAuto(offer: DpopOffer, isTaken: boolean, strictApi: Api | null): Finding {
  const isBound = isTaken && (offer === 'offered' || offer === 'required');
  if (strictApi !== null && !isBound)
    return error(
      `the API ${strictApi.name} wants tokens with DPoP, which ${isTaken ? 'another API does not take' : 'the server does not offer'}`,
      {
        variable: strictApi.variable,
        mend: `let it take bearer tokens too, or switch DPoP on at ${isTaken ? 'every API' : 'the server'}`,
      },
    );
  if (!isTaken) return ok('bearer tokens: the server offers no others');
  if (isBound) return ok('tokens are bound to a key of their session');
  return ok('bearer tokens: the server offers bound ones, and the API does not say that it takes them');
}
