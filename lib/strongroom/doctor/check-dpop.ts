/**
 * Whether tokens are bound to a key of their session, and whether both servers go along with that.
 * @see RFC 9449, RFC 9728
 */
import 'server-only';
import { proofAlgorithm } from '../oauth/dpop';
import { type DpopOffer, fetchDpopOffer, takesOurProofs } from '../oauth/dpop-support';
import type { Context, Server } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, error } = findingsOf('DPoP');

export async function checkDpop(context: Context, { metadata }: Server): Promise<Finding[]> {
  const { config, limits } = context;
  // An API that cannot be reached has a line of its own.
  const offer = await fetchDpopOffer(config.apiBaseUrl, limits).catch((): DpopOffer => 'unknown');
  const isTaken = takesOurProofs(metadata);
  if (config.dpop === 'never') return [explainNever(offer)];
  if (config.dpop === 'always') return explainAlways(offer, isTaken);
  return [explainAuto(offer, isTaken, context)];
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

function explainAuto(offer: DpopOffer, isTaken: boolean, { apiVariable }: Context): Finding {
  if (offer === 'required' && !isTaken)
    return error('the API wants tokens with DPoP, which the server does not offer', {
      variable: apiVariable,
      mend: 'let it take bearer tokens too, or switch DPoP on at the server',
    });
  if (!isTaken) return ok('bearer tokens: the server offers no others');
  if (offer === 'offered' || offer === 'required') return ok('tokens are bound to a key of their session');
  return ok('bearer tokens: the server offers bound ones, and the API does not say that it takes them');
}
