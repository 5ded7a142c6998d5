/** A server of Node with the front endpoint before it, and bytes sent to it as they are. Test support only. */
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { guardServer } from '../server/server-guard';

export type GuardedServer = {
  server: Server;
  /** Who answers behind the front endpoint. */
  answer: RequestListener;
  /** What arrived there. */
  seen: { url: string | undefined; headers: IncomingHttpHeaders }[];
  /** Sends bytes as they are and reads until the other side closes. */
  exchange(...parts: string[]): Promise<string>;
  /** @param headers whole lines */
  get(target: string, headers?: string, method?: string): Promise<string>;
  close(): Promise<void>;
};

/** For the host `app.example`. */
export async function startGuardedServer(): Promise<GuardedServer> {
  const server = createServer({ connectionsCheckingInterval: 50 }, (request, response) => {
    guarded.seen.push({ url: request.url, headers: request.headers });
    guarded.answer(request, response);
  });
  const exchange = (...parts: string[]) => send(server, parts);
  const guarded: GuardedServer = {
    server,
    answer: (_request, response) => response.end('from behind'),
    seen: [],
    exchange,
    get: (target, headers = '', method = 'GET') =>
      exchange(`${method} ${target} HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n${headers}\r\n`),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  guardServer(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return guarded;
}

function send(server: Server, parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      for (const part of parts) socket.write(part);
    });
    socket.setTimeout(20_000, () => socket.destroy(new Error('no end')));
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? undefined : reject(error),
    );
  });
}
