/**
 * A reverse proxy in front of the application, as a deployment has one: it sets `Host`, and appends whom it
 * heard from.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { withoutConnection } from '../../scripts/balancer.ts';

export type Edge = {
  /** Where it listens; what it passes on says `publicOrigin`. */
  origin: string;
  close(): Promise<void>;
};

type Tls = { key: Buffer; cert: Buffer };

/**
 * With a certificate it speaks TLS and listens where `publicOrigin` says; without, anywhere and in the clear.
 */
export async function startEdge(targetPort: number, publicOrigin: string, tls?: Tls): Promise<Edge> {
  const listen = (request: IncomingMessage, response: ServerResponse) =>
    passOn(request, response, targetPort, publicOrigin);
  const server = tls === undefined ? createServer(listen) : createTlsServer(tls, listen);
  const wanted = tls === undefined ? 0 : Number(new URL(publicOrigin).port);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const { port } = server.address() as AddressInfo;
  return { origin: tls === undefined ? `http://localhost:${port}` : publicOrigin, close };
}

export function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  publicOrigin: string,
) {
  const { method, url, headers: received, socket } = request;
  const { host, protocol } = new URL(publicOrigin);
  const heardFrom = [received['x-forwarded-for'], socket.remoteAddress].filter(Boolean).join(', ');
  const headers = {
    ...received,
    host,
    'x-forwarded-for': heardFrom,
    'x-forwarded-proto': protocol.slice(0, -1),
  };
  const onward = httpRequest(
    { host: '127.0.0.1', port, method, path: url, headers, agent: false },
    (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, withoutConnection(upstream.rawHeaders));
      upstream.pipe(response);
      upstream.once('error', () => response.destroy());
    },
  );
  onward.once('error', () => response.destroy());
  response.once('close', () => onward.destroy());
  request.pipe(onward);
}
