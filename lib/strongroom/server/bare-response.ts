/**
 * Next answers some requests with a status and a bare line of text, or nothing: a form it cannot read, one of an older build, a method that a
 * route does not have. A person who navigates gets a page instead, with the same status.
 */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ComposedRejection, composeRejection } from './send-rejection';

/** Changes `response` so that a bare error leaves as a page, for requests by which a person navigates, and with a status that is true, for all. */
export function replaceBareResponse(request: IncomingMessage, response: ServerResponse): void {
  const { url: target = '' } = request;
  const isForPerson = isNavigation(request) && !target.startsWith('/_next/');
  let page: ComposedRejection | null = null;
  const { writeHead, write, end } = response;

  /** Whatever leads to the head of the answer passes here, also through compression. */
  response.writeHead = function dressed(this: ServerResponse, status: number, ...rest: never[]) {
    const isBareError = status >= 400 && rest.length === 0 && !response.headersSent && isBare(response);
    if (!isBareError) return writeHead.call(response, status, ...rest);
    // Next says 500 of a form or an action that it cannot read.
    const honest = status === 500 && request.method === 'POST' ? 400 : status;
    if (!isForPerson) return writeHead.call(response, honest);
    page = composeRejection(honest, target);
    response.removeHeader('Content-Encoding');
    for (const [name, value] of Object.entries(page.headers)) response.setHeader(name, value);
    return writeHead.call(response, honest);
  } as ServerResponse['writeHead'];

  /** What is known now decides: after the first byte it would be too late. */
  const decide = () => {
    if (isForPerson && !response.headersSent && response.statusCode >= 400)
      response.writeHead(response.statusCode);
  };

  response.write = function dressed(...chunk: never[]) {
    decide();
    return page === null ? (write as (...chunk: never[]) => boolean).apply(response, chunk) : true;
  } as ServerResponse['write'];

  response.end = function dressed(...chunk: never[]) {
    decide();
    if (page === null) return (end as (...chunk: never[]) => ServerResponse).apply(response, chunk);
    return end.call(response, page.body, 'utf8');
  } as ServerResponse['end'];
}

/** Neither data for the router nor the answer to its action: those it shows by itself. */
function isNavigation({ headers }: IncomingMessage): boolean {
  const upstream = headers['sec-fetch-dest'];
  const isForRouter = headers.rsc !== undefined || headers['next-action'] !== undefined;
  const isDocument = upstream === undefined || upstream === 'document';
  return isDocument && !isForRouter && (headers.accept?.includes('text/html') ?? false);
}

function isBare(response: ServerResponse): boolean {
  const type = response.getHeader('content-type');
  return type === undefined || String(type).startsWith('text/plain');
}
