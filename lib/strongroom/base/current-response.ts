/** The response to the request that the running code works for: a page can still choose its status. */
import 'server-only';
import type { ServerResponse } from 'node:http';
import { type CurrentRequest, currentRequest } from './current-request';
import { processSingleton } from './process-singleton';

type Response = Pick<ServerResponse, 'headersSent' | 'statusCode'>;

const known = () => processSingleton('responses', () => new WeakMap<CurrentRequest, Response>());

export function noteResponse(request: CurrentRequest, response: Response): void {
  known().set(request, response);
}

/** Once its first byte has left, and outside of a request, nothing happens. */
export function setResponseStatus(status: number): void {
  const request = currentRequest();
  const response = request === null ? undefined : known().get(request);
  if (response?.headersSent === false) response.statusCode = status;
}
