/**
 * The front of a host that serves one application below `basePath` and another one everywhere else. Like nginx with
 * `location /portal/`, it adds a slash to the base path.
 */
import { createServer } from 'node:http';
import { passOn } from '../support/edge.ts';

export type SharedHost = {
  /** What the other application was asked for. */
  astray: string[];
  close(): Promise<void>;
};

type Shape = { port: number; appPort: number; basePath: string };

export async function startSharedHost({ port, appPort, basePath }: Shape): Promise<SharedHost> {
  const astray: string[] = [];
  const server = createServer((request, response) => {
    const { url = '' } = request;
    if (`${url}/`.startsWith(`${basePath}/?`) || url === basePath)
      response.writeHead(301, { location: url.replace(basePath, `${basePath}/`) }).end();
    else if (url.startsWith(`${basePath}/`)) passOn(request, response, appPort, `http://localhost:${port}`);
    else {
      astray.push(url);
      response.writeHead(200, { 'content-type': 'text/html' }).end('Another application');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { astray, close };
}
