/** What every request to an API carries and tells for those who watch: its request id and trace, how it ended and how long it took. */
import 'server-only';
import { monotonicMs } from '../base/clock';
import { currentRequest, requestIdHeader } from '../base/current-request';
import { HttpError } from '../base/http-exchange';
import { logDetail } from '../base/log';
import { inSpan, type Step, writeTraceParent } from '../base/span';
import type { Api } from '../config/apis';

export type ObservedCall = { api: Api; method: string; url: URL };

/**
 * A line of the API's log is found by one of ours, because both have the id. Authorization servers get none: they are
 * other parties', and a refresh is for several requests at once.
 * @param send sends the headers that it is given, and throws as it does
 */
export async function observeCall(
  call: ObservedCall,
  headers: Headers,
  send: (headers: Headers) => Promise<Response>,
): Promise<Response> {
  const api = call.api.name;
  const request = currentRequest();
  if (request !== null) headers.set(requestIdHeader, request.requestId);
  const startedMs = monotonicMs();
  const elapsed = () => ({ api, durationMs: Math.round(monotonicMs() - startedMs) });
  try {
    const response = await inSpan(stepOf(call), async (note) => {
      writeTraceParent(headers);
      const received = await send(headers);
      note({ 'http.response.status_code': received.status });
      return received;
    });
    logDetail('api_called', { ...elapsed(), status: response.status });
    return response;
  } catch (error) {
    const failure = error instanceof HttpError ? error.failure : 'internal_error';
    logDetail('api_called', { ...elapsed(), failure });
    throw error;
  }
}

/** Without the path, which may have the id of something that is the user's. */
function stepOf({ api, method, url }: ObservedCall): Step {
  const attributes = {
    'strongroom.api': api.name,
    'http.request.method': method,
    'server.address': url.host,
  };
  return { name: `API ${method}`, isRequest: true, attributes };
}
