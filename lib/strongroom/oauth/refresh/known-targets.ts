/**
 * What the authorization server said to any session of this process when it was asked for a token for another API.
 * Some servers spend the refresh token before they answer `invalid_target`, and the session ends at its next refresh:
 * a target that the server does not know is asked for by two users, and not by each of them.
 * @see RFC 8707 §2
 */
import 'server-only';
import { nowSec } from '../../base/clock';
import { processSingleton } from '../../base/process-singleton';
import type { Api } from '../../config/apis';
import type { User } from '../../session/session';
import type { RefreshRequestResult } from './refresh-request';

type KnownTarget = {
  givenAtSec: number;
  /** Two of the users who were rejected since: one alone may not be allowed to use that API. */
  rejected: string[];
  pauseSec: number;
  askAgainAtSec: number;
};

const [firstPauseSec, maxPauseSec] = [300, 3_600];
/** While other users are given the token, a rejection is about one user. */
const recentSec = 3_600;

/** Whether no session asks for it now. */
export function isTargetUnknown({ name }: Api): boolean {
  const known = knownTargets().get(name);
  return known !== undefined && known.askAgainAtSec > nowSec();
}

/** Notes what the response says of the target of another API. @returns the response */
export function noteTarget(api: Api, response: RefreshRequestResult, user: User): RefreshRequestResult {
  if (api.tokenName === null) return response;
  if (response.kind === 'fresh')
    knownTargets().set(api.name, { givenAtSec: nowSec(), rejected: [], pauseSec: 0, askAgainAtSec: 0 });
  if (response.kind === 'failed' && response.error.code === 'invalid_target') noteRejection(api, user);
  return response;
}

/** The pause doubles with each rejection, up to an hour. */
function noteRejection({ name }: Api, { issuer, subject }: User): void {
  const { givenAtSec = 0, rejected: before = [], pauseSec: last = 0 } = knownTargets().get(name) ?? {};
  if (givenAtSec > nowSec() - recentSec) return;
  const rejected = [...new Set([...before, `${issuer}\n${subject}`])].slice(0, 2);
  const pauseSec = rejected.length < 2 ? 0 : Math.min(maxPauseSec, Math.max(firstPauseSec, 2 * last));
  knownTargets().set(name, { givenAtSec, rejected, pauseSec, askAgainAtSec: nowSec() + pauseSec });
}

/** At most one for each declared API. */
function knownTargets(): Map<string, KnownTarget> {
  return processSingleton('known-targets', () => new Map<string, KnownTarget>());
}
