/**
 * Puts the application's page in the place of a bare line that Next answers a form with: for a body that it
 * cannot decode (500), for one that names no action (400), and for an action of an older build (409).
 */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RejectionStatus } from './rejection';

/**
 * What Next takes for a possible call of an action. Below these paths there are routes, and no page with
 * actions.
 */
export function isPossibleAction({ method, url = '', headers }: IncomingMessage): boolean {
  return (
    method === 'POST' &&
    !/^\/(api|auth)\//.test(url) &&
    (isCall(headers) || /^multipart\//i.test(headers['content-type'] ?? ''))
  );
}

/** Made by the router in the browser, not by a form without scripts. */
function isCall(headers: IncomingMessage['headers']): boolean {
  return headers['next-action'] !== undefined;
}

const keptHeaders = ['set-cookie', 'x-request-id'];

type Call = {
  request: IncomingMessage;
  response: ServerResponse;
  hasReachedAction: () => boolean;
};
type Page = Pick<ServerResponse, 'writeHead' | 'end'>;

/**
 * Decides when Next begins its response; what it writes after a replacement goes nowhere. Cookies that it has
 * set stay.
 * @param send sends the page for a status
 */
export function replaceBareResponse(call: Call, send: (page: Page, status: RejectionStatus) => void): void {
  const { response } = call;
  const { writeHead, write, end } = response;
  let state: 'undecided' | 'left' | 'replaced' = 'undecided';
  const isReplaced = (statusCode: number): boolean => {
    if (state !== 'undecided') return state === 'replaced';
    const status = chooseStatus(call, statusCode);
    state = status === null ? 'left' : 'replaced';
    if (status === null) return false;
    for (const name of response.getHeaderNames())
      if (!keptHeaders.includes(name)) response.removeHeader(name);
    // Past everything that Next has put around the response meanwhile, such as compression.
    send({ writeHead: writeHead.bind(response), end: end.bind(response) }, status);
    return true;
  };
  const swallow = (given: unknown[]): void => {
    const callback = given.at(-1);
    if (typeof callback === 'function') process.nextTick(callback);
  };
  Object.assign(response, {
    writeHead: (...given: [number, ...unknown[]]) =>
      isReplaced(given[0]) ? response : Reflect.apply(writeHead, response, given),
    write: (...given: unknown[]) => {
      if (!isReplaced(response.statusCode)) return Reflect.apply(write, response, given);
      swallow(given);
      return true;
    },
    end: (...given: unknown[]) => {
      if (!isReplaced(response.statusCode)) return Reflect.apply(end, response, given);
      swallow(given);
      return response;
    },
  });
}

/** null: the response is left as it is. */
function chooseStatus(
  { request, response, hasReachedAction }: Call,
  statusCode: number,
): RejectionStatus | null {
  if (statusCode === 500) return hasReachedAction() ? null : 400;
  if (!response.hasHeader('x-nextjs-action-not-found')) return null;
  if (statusCode !== 409) return 400;
  // The router in the browser looks for that header, and a form without scripts shows the line.
  return isCall(request.headers) ? null : 409;
}
