/** An HTTP server behind the server guard, and bytes sent to it exactly as written. Test support only. */
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { RejectionPage } from '../server/rejection';
import { guardServer, type PageGuard } from '../server/server-guard';

/** What an application would show: here no more than status and reference. */
export const testRejectionPage: RejectionPage = {
  style: 'p{color:red}',
  render: ({ status, reference }) =>
    `<style>${testRejectionPage.style}</style><h1>Rejected with ${status}</h1><p>Reference ${reference}</p>`,
};

export type GuardedServer = {
  server: Server;
  /** Handles the requests that the guard admits. */
  listener: RequestListener;
  /** The requests that the guard admitted. */
  admitted: { url: string | undefined; headers: IncomingHttpHeaders }[];
  /** Sends bytes exactly as written, and reads until the server closes the connection. */
  exchange(...parts: string[]): Promise<string>;
  /** @param headers whole lines */
  get(target: string, headers?: string, method?: string): Promise<string>;
  close(): Promise<void>;
};

/** For the host `app.example`. */
export async function startGuardedServer(guardPage?: PageGuard): Promise<GuardedServer> {
  const server = createServer({ connectionsCheckingInterval: 50 }, (request, response) => {
    guarded.admitted.push({ url: request.url, headers: request.headers });
    guarded.listener(request, response);
  });
  const exchange = (...parts: string[]) => send(server, parts);
  const guarded: GuardedServer = {
    server,
    listener: (_request, response) => response.end('from the application'),
    admitted: [],
    exchange,
    get: (target, headers = '', method = 'GET') =>
      exchange(`${method} ${target} HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n${headers}\r\n`),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  guardServer(server, { rejectionPage: testRejectionPage, guardPage });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return guarded;
}

function send(server: Server, parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => {
      for (const part of parts) socket.write(part);
    });
    socket.setTimeout(200_000, () => socket.destroy(new Error('no end')));
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? undefined : reject(error),
    );
  });
}
