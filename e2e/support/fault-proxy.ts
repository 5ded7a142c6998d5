/**
 * Stands in front of a server on its public port and makes it fail as the test says. Faults strike before a
 * request reaches the server, so that it never does anything whose response the client misses.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { withoutConnection } from '../../scripts/balancer.ts';

export type Fault =
  | { kind: 'hold'; until: Promise<unknown> }
  /** Waits until the client is gone, and passes nothing on. */
  | { kind: 'swallow' }
  | { kind: 'delay'; ms: number }
  /** Closes the connection without a response. */
  | { kind: 'reset' }
  | { kind: 'respond'; status: number; headers?: Record<string, string>; body?: string };

export type FaultProxy = {
  /** What happens to a request; null lets it through. */
  chooseFault: (method: string, path: string) => Fault | null;
  /** Method and path of every request, in order. */
  requests: string[];
  close(): Promise<void>;
};

export async function startFaultProxy(port: number, targetPort: number): Promise<FaultProxy> {
  const proxy: FaultProxy = { chooseFault: () => null, requests: [], close: async () => {} };
  const server = createServer(async (request, response) => {
    const [method = '', path = ''] = [request.method, request.url?.split('?')[0]];
    proxy.requests.push(`${method} ${path}`);
    const isDone = await commit(proxy.chooseFault(method, path), request, response);
    if (!isDone && !response.destroyed) passOn(request, response, targetPort);
  });
  proxy.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(proxy));
  });
}

/** @returns whether the request has its response, or will never have one */
async function commit(
  fault: Fault | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  switch (fault?.kind) {
    case 'hold':
      await fault.until;
      return response.destroyed;
    case 'swallow':
      await new Promise((resolve) => response.once('close', resolve));
      return true;
    case 'delay':
      await pause(fault.ms);
      return response.destroyed;
    case 'reset':
      request.socket.destroy();
      return true;
    case 'respond':
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return true;
    default:
      return false;
  }
}

function passOn(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url, headers } = request;
  const onward = httpRequest(
    { host: '127.0.0.1', port, method, path: url, headers, agent: false },
    (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, withoutConnection(upstream.rawHeaders));
      upstream.pipe(response);
    },
  );
  onward.once('error', () => response.destroy());
  request.pipe(onward);
}
