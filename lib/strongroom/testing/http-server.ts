/**
 * A small HTTP server on loopback for one test file: its handlers are a table that the test may change. Test
 * support only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => unknown;

export type TestServer = {
  origin: string;
  /** By path, without the query. */
  handlers: Record<string, Handler>;
  /** Method and path of every request, in order. */
  requests: string[];
  countOf(path: string): number;
  /** Forgets handlers and requests; the table and the list stay the same objects. */
  reset(): void;
  close(): Promise<void>;
};

export async function startTestServer(): Promise<TestServer> {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    running.requests.push(`${request.method} ${path}`);
    let body = '';
    for await (const chunk of request) body += chunk;
    const handler = running.handlers[path];
    if (handler === undefined) response.writeHead(404).end();
    else await handler(request, response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const running: TestServer = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    handlers: {},
    requests: [],
    countOf: (path) => running.requests.filter((line) => line.endsWith(` ${path}`)).length,
    reset: () => {
      for (const path of Object.keys(running.handlers)) delete running.handlers[path];
      running.requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return running;
}

/** Responds with JSON. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Handler {
  return (_request, response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof value === 'function' ? JSON.stringify(value()) : JSON.stringify(value));
}
