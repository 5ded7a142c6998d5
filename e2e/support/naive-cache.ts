/**
 * A shared cache as it should not be: by address alone, deaf to `Vary` and to cookies. It keeps what `public`, `max-age` or `s-maxage` allow, and
 * also what says nothing at all, but neither `private` nor `no-store`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type NaiveCache = { origin: string; kept: string[]; close(): Promise<void> };

type Kept = { status: number; headers: [string, string][]; body: string };

export function startNaiveCache(target: string): Promise<NaiveCache> {
  const store = new Map<string, Kept>();
  const kept: string[] = [];
  const server = createServer(async (request, response) => {
    const address = request.url ?? '';
    const answer = (request.method === 'GET' && store.get(address)) || (await fetchFrom(target, request));
    if (request.method === 'GET' && mayKeep(answer) && !store.has(address)) {
      store.set(address, answer);
      kept.push(address);
    }
    response.writeHead(answer.status, answer.headers.flat()).end(answer.body);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({ origin: `http://127.0.0.1:${port}`, kept, close });
    });
  });
}

async function fetchFrom(target: string, request: import('node:http').IncomingMessage): Promise<Kept> {
  const { host: _, connection: __, ...headers } = request.headers;
  const response = await fetch(target + (request.url ?? ''), {
    method: request.method ?? 'GET',
    redirect: 'manual',
    headers: headers as Record<string, string>,
  });
  const dropped = ['content-encoding', 'content-length', 'transfer-encoding', 'connection', 'keep-alive'];
  return {
    status: response.status,
    headers: [...response.headers].filter(([name]) => !dropped.includes(name)),
    body: await response.text(),
  };
}

function mayKeep({ status, headers }: Kept): boolean {
  const control = headers.find(([name]) => name === 'cache-control')?.[1] ?? '';
  return status < 500 && !/no-store|private/.test(control);
}
