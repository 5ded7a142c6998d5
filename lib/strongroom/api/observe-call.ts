/** What every request to an API carries and tells for those who watch: its request id, how it ended and how long it took. */
import 'server-only';
import { monotonicMs } from '../base/clock';
import { currentRequest, requestIdHeader } from '../base/current-request';
import { HttpError } from '../base/http-client';
import { logDetail } from '../base/log';
import type { Api } from '../config/apis';

/**
 * A line of the API's log is found by one of ours, because both have the id. Authorization servers get none: they are
 * other parties', and a refresh is for several requests at once.
 * @param send sends the headers that it is given, and throws as it does
 */
export async function observeCall(
  { name: api }: Api,
  headers: Headers,
  send: (headers: Headers) => Promise<Response>,
): Promise<Response> {
  const request = currentRequest();
  if (request !== null) headers.set(requestIdHeader, request.requestId);
  const startedMs = monotonicMs();
  const elapsed = () => ({ api, durationMs: Math.round(monotonicMs() - startedMs) });
  try {
    const response = await send(headers);
    logDetail('api_called', { ...elapsed(), status: response.status });
    return response;
  } catch (error) {
    const failure = error instanceof HttpError ? error.failure : 'internal_error';
    logDetail('api_called', { ...elapsed(), failure });
    throw error;
  }
}
