/** Errors that no page expected. */
import 'server-only';
import type { Instrumentation } from 'next';
import { logFailure } from '../base/log';
import { isUndecodedAction } from './action-request';

/**
 * Logs every error that a page did not expect. The digest is the reference that the user sees.
 * @example
 * export const onRequestError = async (...details) => {
 *   const { reportRequestError } = await import('strongroom/server');
 *   return reportRequestError(...details);
 * };
 */
export const reportRequestError: Instrumentation.onRequestError = (error, request, context) => {
  // The server guard rejects it, and logs that.
  if (isUndecodedAction()) return;
  const reference =
    typeof error === 'object' && error !== null && 'digest' in error ? String(error.digest) : '';
  const { routePath: route, routeType: kind } = context;
  logFailure('request_failed', error, { reference, method: request.method, route, kind });
};
