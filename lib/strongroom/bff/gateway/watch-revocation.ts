/** A response that stays open, as an event stream does, must not outlive its session. */
import 'server-only';
import { findRevocation, isRevoked } from '../../session/revocations';
import type { Session } from '../../session/session';

/** Each look costs one trip to the store. */
const everyMs = 10_000;

export type RevocationWatch = {
  /** Aborted within ten seconds after the session was revoked. */
  signal: AbortSignal;
  stop: () => void;
};

/** The caller stops it when the response has ended. */
export function watchRevocation(session: Session): RevocationWatch {
  const revoked = new AbortController();
  const look = async () => {
    // While the store is away nothing is known of other instances: the response goes on to its longest time.
    const revocation = await findRevocation(session).catch(() => null);
    if (!isRevoked(revocation)) return;
    clearInterval(timer);
    revoked.abort();
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return { signal: revoked.signal, stop: () => clearInterval(timer) };
}
