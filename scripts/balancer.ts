/**
 * A small load balancer in front of several instances: takes the next one for every request, and another when
 * that one is gone.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

export type Balancer = { close(): Promise<void> };

/** Listens on loopback and passes everything on as it came: method, address, headers, body. */
export function startBalancer(port: number, ports: readonly number[]): Promise<Balancer> {
  let next = 0;
  const server = createServer((request, response) => {
    next += 1;
    const order = ports.map((_, step) => ports[(next + step) % ports.length] ?? 0);
    void passOn(request, response, order);
  });
  // Longer than clients keep an idle connection: one that is closed while a request is on its way fails it.
  server.keepAliveTimeout = 65_000;
  // Clients keep connections open; closing does not wait for them.
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({ close }));
  });
}

async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  order: readonly number[],
): Promise<void> {
  for (const port of order) {
    const outcome = await tryInstance(request, response, port);
    // A body that was sent to one cannot be sent to another.
    if (outcome === 'answered' || request.method !== 'GET' || response.headersSent) return;
  }
  if (!response.headersSent)
    response.writeHead(502, { 'content-type': 'text/plain' }).end('No instance answers.');
}

function tryInstance(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
): Promise<'answered' | 'gone'> {
  const { method, url, headers } = request;
  return new Promise((resolve) => {
    const onward = httpRequest(
      { host: '127.0.0.1', port, method, path: url, headers, agent: false },
      (upstream) => {
        response.writeHead(upstream.statusCode ?? 502, withoutConnection(upstream.rawHeaders));
        upstream.pipe(response);
        upstream.once('end', () => resolve('answered'));
        upstream.once('error', () => response.destroy());
        upstream.once('close', () => resolve('answered'));
      },
    );
    onward.once('error', () => {
      if (response.headersSent || request.method !== 'GET') response.destroy();
      resolve('gone');
    });
    response.once('close', () => onward.destroy());
    request.pipe(onward);
  });
}

/** What an instance says of its connection to the balancer is no promise about that to the client. */
export function withoutConnection(rawHeaders: readonly string[]): string[] {
  const isKept = (index: number) => !/^(connection|keep-alive)$/i.test(rawHeaders[index - (index % 2)] ?? '');
  return rawHeaders.filter((_, index) => isKept(index));
}
