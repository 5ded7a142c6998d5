import type { Instrumentation } from 'next';

/** Runs once when the server starts, before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { refuseToStartUnconfigured } = await import('./lib/config/start-up');
  refuseToStartUnconfigured();
  const { openFrontDoor } = await import('./lib/front-door/open-front-door');
  openFrontDoor();
}

/** Every error that a page did not expect: the digest is the reference that the person sees. */
export const onRequestError: Instrumentation.onRequestError = async (
  error,
  request,
  { routePath, routeType },
) => {
  const { logFailure } = await import('./lib/base/log');
  const reference =
    typeof error === 'object' && error !== null && 'digest' in error ? String(error.digest) : '';
  logFailure('request_failed', error, {
    reference,
    method: request.method,
    route: routePath,
    kind: routeType,
  });
};
