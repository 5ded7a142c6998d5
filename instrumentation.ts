import type { Instrumentation } from 'next';

/** Runs once when the server starts, before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { rejectToStartUnconfigured } = await import('./lib/strongroom/config/start-up');
  rejectToStartUnconfigured();
  const { startServerGuard } = await import('./lib/strongroom/server/server-guard');
  // Connects to Redis now, so that the log says at the start what it cannot do.
  const { currentStore } = await import('./lib/strongroom/store/current-store');
  currentStore();
  const { rejectionPage } = await import('./app/_rejection/rejection-page');
  startServerGuard({ rejectionPage });
}

/** Logs every error that a page did not expect; the digest is the reference that the user sees. */
export const onRequestError: Instrumentation.onRequestError = async (
  error,
  request,
  { routePath, routeType },
) => {
  const { logFailure } = await import('./lib/strongroom/base/log');
  const reference =
    typeof error === 'object' && error !== null && 'digest' in error ? String(error.digest) : '';
  logFailure('request_failed', error, {
    reference,
    method: request.method,
    route: routePath,
    kind: routeType,
  });
};
