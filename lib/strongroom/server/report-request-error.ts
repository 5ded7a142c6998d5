/** Errors that no page expected. */
import 'server-only';
import type { Instrumentation } from 'next';
import { describeCauses, logFailure, logWarning } from '../base/log';
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
  const { routePath: route, routeType: kind } = context;
  const where = { method: request.method, route, kind };
  // The server guard answers with a page and its reference; why it came to that stands here.
  if (isUndecodedAction())
    return logWarning('action_not_reached', { ...where, causes: describeCauses(error) });
  const reference =
    typeof error === 'object' && error !== null && 'digest' in error ? String(error.digest) : '';
  logFailure('request_failed', error, { reference, ...where });
};
