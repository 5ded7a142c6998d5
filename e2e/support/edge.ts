/** A reverse proxy in front of the application, as a deployment has one: it sets `Host`, and appends whom it heard from. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Edge = {
  /** Where it listens; what it passes on says `publicOrigin`. */
  origin: string;
  close(): Promise<void>;
};

export async function startEdge(targetPort: number, publicOrigin: string): Promise<Edge> {
  const server = createServer((request, response) => passOn(request, response, targetPort, publicOrigin));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, close };
}

function passOn(request: IncomingMessage, response: ServerResponse, port: number, publicOrigin: string) {
  const { method, url, headers: received, socket } = request;
  const { host, protocol } = new URL(publicOrigin);
  const heardFrom = [received['x-forwarded-for'], socket.remoteAddress].filter(Boolean).join(', ');
  const headers = {
    ...received,
    host,
    'x-forwarded-for': heardFrom,
    'x-forwarded-proto': protocol.slice(0, -1),
  };
  const onward = httpRequest({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  onward.once('error', () => response.destroy());
  response.once('close', () => onward.destroy());
  request.pipe(onward);
}
