/** The mount of the gateway: every method is answered by the same table. */
import 'server-only';
import { answerGatewayRequest } from './gateway-request';
import { answerUnexpected } from './respond';
import type { Upstreams } from './upstreams';

/**
 * The API for scripts of our own pages, for the one file `app/api/gateway/[[...path]]/route.ts`.
 * @example
 * export const { GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE } = gatewayRoute(upstreams);
 */
export function gatewayRoute(upstreams: Upstreams) {
  const answer = (request: Request): Promise<Response> =>
    answerGatewayRequest(request, upstreams).catch(answerUnexpected);
  return {
    GET: answer,
    HEAD: answer,
    OPTIONS: answer,
    POST: answer,
    PUT: answer,
    PATCH: answer,
    DELETE: answer,
  };
}
