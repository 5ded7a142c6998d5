import type { Instrumentation } from 'next';
import { rejectionPage } from './app/_rejection/rejection-page';
import { declaration } from './lib/declaration';

/** Runs once when the server starts, before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { startServer } = await import('strongroom/server');
  await startServer(declaration, { rejectionPage });
}

export const onRequestError: Instrumentation.onRequestError = async (...details) => {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { reportRequestError } = await import('strongroom/server');
  await reportRequestError(...details);
};
