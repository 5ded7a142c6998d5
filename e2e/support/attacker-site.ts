/**
 * The site of an attacker. Under `127.0.0.1` it is another site than the application on `localhost`; under
 * `localhost`, on its own port, it is the same site and another origin, as a sibling of the application's
 * host would be.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type AttackerSite = {
  crossSite: string;
  sameSite: string;
  /** Every request that arrived, in order. */
  visits: { path: string; headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
};

/** Any address is an empty page; `/307?to=…` sends a form on as it is. */
export async function startAttackerSite(): Promise<AttackerSite> {
  const visits: AttackerSite['visits'] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://attacker');
    visits.push({ path: url.pathname, headers: request.headers });
    const target = url.searchParams.get('to');
    if (url.pathname === '/307' && target !== null) response.writeHead(307, { location: target }).end();
    else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Prizes</title><p>You won');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { crossSite: `http://127.0.0.1:${port}`, sameSite: `http://localhost:${port}`, visits, close };
}
