/**
 * Next answers some requests with a status and a bare line of text, or nothing: a form it cannot read, one of an older build, a method that a
 * route does not have. A person who navigates gets a page instead, with the same status.
 */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ComposedRefusal, composeRefusal } from './answer-refusal';

/** Changes `response` so that a bare error leaves as a page. For requests by which a person navigates; others are left alone. */
export function dressBareAnswer(request: IncomingMessage, response: ServerResponse): void {
  const { url: target = '' } = request;
  if (!isNavigation(request) || target.startsWith('/_next/')) return;
  let page: ComposedRefusal | null = null;
  const { writeHead, write, end } = response;

  /** Whatever leads to the head of the answer passes here, also through compression. */
  response.writeHead = function dressed(this: ServerResponse, status: number, ...rest: never[]) {
    const isToDress = status >= 400 && rest.length === 0 && !response.headersSent && isBare(response);
    if (!isToDress) return writeHead.call(response, status, ...rest);
    page = composeRefusal(status, target);
    response.removeHeader('Content-Encoding');
    for (const [name, value] of Object.entries(page.headers)) response.setHeader(name, value);
    return writeHead.call(response, status);
  } as ServerResponse['writeHead'];

  response.write = function dressed(...chunk: never[]) {
    if (!response.headersSent && response.statusCode >= 400) response.writeHead(response.statusCode);
    return page === null ? (write as (...chunk: never[]) => boolean).apply(response, chunk) : true;
  } as ServerResponse['write'];

  response.end = function dressed(...chunk: never[]) {
    if (!response.headersSent && response.statusCode >= 400) response.writeHead(response.statusCode);
    if (page === null) return (end as (...chunk: never[]) => ServerResponse).apply(response, chunk);
    return end.call(response, page.body, 'utf8');
  } as ServerResponse['end'];
}

/** Neither data for the router nor the answer to its action: those it shows by itself. */
function isNavigation({ headers }: IncomingMessage): boolean {
  const destination = headers['sec-fetch-dest'];
  const isForRouter = headers.rsc !== undefined || headers['next-action'] !== undefined;
  const isDocument = destination === undefined || destination === 'document';
  return isDocument && !isForRouter && (headers.accept?.includes('text/html') ?? false);
}

function isBare(response: ServerResponse): boolean {
  const type = response.getHeader('content-type');
  return type === undefined || String(type).startsWith('text/plain');
}
