/**
 * Stands in front of a server on its public port and makes it fail as the test says: before a request reaches it, so that nothing happens
 * there that the client does not hear of.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export type Fault =
  | { kind: 'hold'; until: Promise<unknown> }
  /** Waits until the client is gone, and passes nothing on. */
  | { kind: 'swallow' }
  | { kind: 'delay'; ms: number }
  /** Closes the connection without an answer. */
  | { kind: 'reset' }
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string };

export type FaultProxy = {
  /** What happens to a request; null lets it through. */
  judge: (method: string, path: string) => Fault | null;
  /** Method and path of every request, in order. */
  requests: string[];
  close(): Promise<void>;
};

export async function startFaultProxy(port: number, targetPort: number): Promise<FaultProxy> {
  const proxy: FaultProxy = { judge: () => null, requests: [], close: async () => {} };
  const server = createServer(async (request, response) => {
    const [method = '', path = ''] = [request.method, request.url?.split('?')[0]];
    proxy.requests.push(`${method} ${path}`);
    const isDone = await commit(proxy.judge(method, path), request, response);
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

/** @returns whether the request has its answer, or will never have one */
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
    case 'answer':
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
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    },
  );
  onward.once('error', () => response.destroy());
  request.pipe(onward);
}
