/**
 * A shared cache in front of the application, as careless as caches in the field are: it keeps whatever is
 * not forbidden, ignores `Vary` and `Set-Cookie`, and may keep by the extension in the address.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawResponse, sendRaw } from './raw-request.ts';

export type SharedCache = {
  origin: string;
  /** What is kept, by address. */
  kept: Map<string, RawResponse>;
  close(): Promise<void>;
};

const staticExtension = /\.(css|js|mjs|svg|png|jpg|gif|ico|woff2?|txt|json|pdf|csv)$/i;
/** Kept without being told how long. @see RFC 9110 §15.1 */
const heuristic = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501];

export async function startSharedCache(target: string, { byExtension = false } = {}): Promise<SharedCache> {
  const kept: SharedCache['kept'] = new Map();
  const server = createServer(async (request, response) => {
    const url = request.url ?? '';
    const key = byExtension ? url.replace(/\?.*$/s, '') : url;
    const isGet = request.method === 'GET';
    const found = (isGet ? kept.get(key) : undefined) ?? (await forward(target, url, request));
    if (isGet && isKept(found, byExtension && staticExtension.test(key))) kept.set(key, found);
    const { 'transfer-encoding': _, 'content-length': __, ...headers } = found.headers;
    response.writeHead(found.status || 502, headers).end(found.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://localhost:${port}`, kept, close };
}

function forward(
  target: string,
  path: string,
  { method = 'GET', headers }: { method?: string | undefined; headers: IncomingHttpHeaders },
): Promise<RawResponse> {
  // Bodies are kept as text.
  const { host: _, connection: __, 'accept-encoding': ___, ...rest } = headers;
  return sendRaw(target, path, { method, headers: rest as Record<string, string> });
}

function isKept({ status, headers }: RawResponse, isAsset: boolean): boolean {
  const control = headers['cache-control'] ?? '';
  if (/no-store|private/.test(control)) return false;
  const isTold = /public|s-maxage=[1-9]|max-age=[1-9]/.test(control);
  return isTold || isAsset || (control === '' && heuristic.includes(status));
}
