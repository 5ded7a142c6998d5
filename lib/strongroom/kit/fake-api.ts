/** An API for tests: a small HTTP server that replies as the test says, and records what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { refuseInProduction } from './refuse-in-production';
import { readTestToken } from './test-token';

export type FakeRequest = {
  method: string;
  path: string;
  /** By the names in the route: `/invoices/:id`. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: Headers;
  body: string;
  /** Whose access token came, and what was granted. */
  subject: string;
  permissions: readonly string[];
};

/** A value is sent as JSON. */
export type FakeReply =
  | object
  | string
  | ((request: FakeRequest) => object | string | Promise<object | string>);

export type FakeApi = {
  url: string;
  /** Those with a token for this API, in order. */
  requests: FakeRequest[];
  /** How many came without one; each got 401. */
  rejected: number;
  /** @param route method and path: `GET /invoices/:id`; a later reply takes the place of an earlier one */
  on(route: string, reply: FakeReply): void;
  /** Forgets routes and requests. */
  reset(): void;
  close(): Promise<void>;
};

/**
 * Starts an API on a free port of this machine. It takes the tokens that the kit gives users for it alone;
 * what it has no route for is 404.
 * @param name that of the declaration
 * @example
 * const api = await startFakeApi('main');
 * api.on('GET /invoices', { items: [] });
 * api.on('POST /invoices', ({ body }) => Response.json(JSON.parse(body), { status: 201 }));
 */
export async function startFakeApi(name: string): Promise<FakeApi> {
  refuseInProduction('http://localhost');
  const routes = new Map<string, FakeReply>();
  const server = createServer(async (request, response) => {
    try {
      await send(response, await respondTo(api, { name, routes }, request));
    } catch (error) {
      await send(response, Response.json({ error: String(error) }, { status: 500 }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api: FakeApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    rejected: 0,
    on: (route, reply) => void routes.set(route, reply),
    reset: () => {
      routes.clear();
      Object.assign(api, { requests: [], rejected: 0 });
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return api;
}

type Known = { name: string; routes: ReadonlyMap<string, FakeReply> };

async function respondTo(
  api: FakeApi,
  { name, routes }: Known,
  received: IncomingMessage,
): Promise<Response> {
  const token = readTestToken(/^Bearer (.+)$/.exec(received.headers.authorization ?? '')?.[1] ?? '');
  if (token === null || !token.apis.includes(name)) {
    api.rejected += 1;
    const headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
    return new Response(null, { status: 401, headers });
  }
  const { method = '', url = '' } = received;
  const { pathname: path, searchParams: query } = new URL(url, api.url);
  const { subject, permissions } = token;
  const headers = new Headers(
    Object.entries(received.headersDistinct).map(([key, values = []]) => [key, values.join(', ')]),
  );
  const request = {
    method,
    path,
    query,
    headers,
    body: await text(received),
    subject,
    permissions,
    params: {},
  };
  const [params, reply] = findReply(routes, `${method} ${path}`) ?? [{}, null];
  const recorded: FakeRequest = { ...request, params };
  api.requests.push(recorded);
  if (reply === null) return Response.json({ title: `No route for ${method} ${path}` }, { status: 404 });
  const value = typeof reply === 'function' ? await reply(recorded) : reply;
  return value instanceof Response ? value.clone() : Response.json(value);
}

/** The newest route that fits, with the values of its names. */
function findReply(
  routes: ReadonlyMap<string, FakeReply>,
  asked: string,
): [Record<string, string>, FakeReply] | null {
  for (const [route, reply] of [...routes].toReversed()) {
    const params = matchRoute(route.split('/'), asked.split('/'));
    if (params !== null) return [params, reply];
  }
  return null;
}

function matchRoute(route: readonly string[], asked: readonly string[]): Record<string, string> | null {
  const fits = route.every(
    (part, at) => part === asked[at] || (part.startsWith(':') && asked[at] !== undefined),
  );
  if (!fits || route.length !== asked.length) return null;
  const named = route.flatMap((part, at) =>
    part.startsWith(':') ? [[part.slice(1), decodeURIComponent(asked[at] ?? '')]] : [],
  );
  return Object.fromEntries(named);
}

async function send(response: ServerResponse, reply: Response): Promise<void> {
  response.writeHead(reply.status, Object.fromEntries(reply.headers));
  response.end(Buffer.from(await reply.arrayBuffer()));
}
