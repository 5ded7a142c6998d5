/** An HTTP server on loopback that reads each request in full, and can be closed for a while. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedRequest = { method: string; url: URL; headers: IncomingHttpHeaders; body: string };

export type Listener = {
  origin: string;
  close(): Promise<void>;
  /** Listens on the same port again. */
  reopen(): Promise<void>;
};

export async function listen(
  handle: (request: ReceivedRequest, response: ServerResponse) => void,
  headers: Record<string, string> = {},
): Promise<Listener> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    handle({ method: request.method ?? '', url, headers: request.headers, body }, response);
  });
  const open = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  await open(0);
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    reopen: () => open(port),
  };
}
