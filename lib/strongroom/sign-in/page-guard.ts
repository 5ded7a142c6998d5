/**
 * The part of the server guard that stands before pages, in the output of a build: it does for Node's requests what
 * proxy.ts does for Next's, so that Next runs for pages alone. An address that the build does not have gets its
 * response here too.
 * @see docs/decisions/0025-the-guard-loads-the-session.md
 */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isForPage } from '../base/fetch-metadata';
import { KeptPage } from '../server/kept-page';
import { matchRoutes, type PageRoutes } from '../server/page-routes';
import { unknownTarget } from '../server/prepare-request';
import type { PageGuard } from '../server/server-guard';
import { nodeCookies } from '../session/node-cookies';
import { takeHandedOver } from '../session/session-handover';
import { type Admission, admitPage } from './admit-page';
import type { PageRequest } from './guard-page';
import { health } from './health-endpoints';

const alivePath = '/healthz';

export function createPageGuard(routes: PageRoutes): PageGuard {
  const { isGuarded, isUnknown } = matchRoutes(routes);
  const unknownPage = new KeptPage();
  return (request, response) => {
    const page = describePage(request);
    if (routes.isAliveOurs && page.pathname === alivePath && isReading(page))
      return sendAlive(request, response);
    if (!isGuarded(page.pathname)) return null;
    return admitPage(page, nodeCookies(request, response)).then((admission) => {
      // The client has gone.
      if (response.destroyed) return false;
      if (admission.response !== null) return send(response, admission.response, admission.headers);
      prepare(request, response, admission);
      if (!isReading(page) || !isUnknown(page.pathname)) return true;
      if (!isForPage(page.headers) || page.headers.get('rsc') !== null) return sendNotFound(response);
      if (unknownPage.send(request, response, admission.nonce)) return false;
      // The page is kept for others: nothing of this session may get into it.
      takeHandedOver();
      request.url = unknownTarget;
      if (page.method === 'GET') unknownPage.keepNext(request, response, admission.nonce);
      return true;
    });
  };
}

const isReading = ({ method }: PageRequest) => method === 'GET' || method === 'HEAD';

/** As Next describes it to its proxy: without what its router adds. */
function describePage({ method = '', url = '', headers }: IncomingMessage): PageRequest {
  const { pathname, search, searchParams } = new URL(`http://any.host${url}`);
  const isOfRouter = searchParams.has('_rsc');
  if (isOfRouter) searchParams.delete('_rsc');
  const left = searchParams.size === 0 ? '' : `?${searchParams}`;
  return {
    method,
    pathname: pathname.replace(/\.rsc$/, ''),
    search: isOfRouter ? left : search,
    headers: { get: (name) => headers[name.toLowerCase()]?.toString() ?? null },
  };
}

/** Next reads the nonce from the policy in the request’s headers: ours, whatever the browser sent. */
function prepare(request: IncomingMessage, response: ServerResponse, admission: Admission): void {
  request.headers['content-security-policy'] = admission.policy;
  for (const [name, value] of Object.entries(admission.headers)) response.setHeader(name, value);
  if (admission.status !== null) response.statusCode = admission.status;
}

function send(response: ServerResponse, { status, headers }: Response, more: Admission['headers']): false {
  response.statusCode = status;
  for (const [name, value] of [...headers, ...Object.entries(more)]) response.setHeader(name, value);
  response.end();
  return false;
}

/** A load balancer asks all the time, and Next would take a page's time to answer. */
async function sendAlive({ method }: IncomingMessage, response: ServerResponse): Promise<false> {
  const alive = health.alive();
  for (const [name, value] of alive.headers) response.setHeader(name, value);
  response.end(method === 'HEAD' ? undefined : await alive.text());
  return false;
}

/** For what asks for a file, and for Next's router, which then asks for the page. */
function sendNotFound(response: ServerResponse): false {
  response.statusCode = 404;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end('Not Found');
  return false;
}
