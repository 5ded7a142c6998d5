/**
 * How server.js of the standalone output starts, in place of Next's own way, which listens before it is ready: here
 * the application starts first, with the server guard and what it asks of other servers (instrumentation.ts).
 * finish-build.ts puts this file beside server.js.
 */
import { createServer, type RequestListener } from 'node:http';
import { getRequestHandlers } from 'next/dist/server/lib/start-server.js';
import { handOverHttpServer } from '../lib/strongroom/server/http-server.ts';
import { readPageRoutes } from './read-page-routes.ts';

type Options = { dir: string; hostname: string; port: number; keepAliveTimeout?: number };

export async function startServer({ dir, hostname, port, keepAliveTimeout }: Options): Promise<void> {
  // Next asks its own server for the next page after an action that redirects.
  process.env.PORT = String(port);
  process.env.__NEXT_PRIVATE_ORIGIN = `http://${nameOf(hostname)}:${port}`;
  let handle: RequestListener = () => {};
  let closeNext = async () => {};
  const server = createServer((request, response) => handle(request, response));
  handOverHttpServer({ server, closeNext: () => closeNext(), pageRoutes: readPageRoutes(dir) });
  const next = await getRequestHandlers({
    ...{ dir, hostname, port, keepAliveTimeout, server },
    ...{ isDev: false, onDevServerCleanup: undefined },
  });
  closeNext = () => next.server.close();
  handle = async (request, response) => {
    try {
      await next.requestHandler(request, response);
    } catch (error) {
      console.error(error);
      response.statusCode = 500;
      response.end('Internal Server Error');
    }
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') endForPort(port);
      reject(error);
    });
    server.listen(port, hostname, resolve);
  });
}

/** As every start that fails does: one line of the log that says why. */
function endForPort(port: number): never {
  const text = `Port ${port} is in use: end the program that has it, or set PORT to another one.`;
  const line = { level: 'error', time: new Date().toISOString(), text, event: 'not_started' };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exit(1);
}

/** A server that listens everywhere is asked on this machine. */
function nameOf(hostname: string): string {
  if (hostname === '0.0.0.0') return 'localhost';
  if (hostname === '::') return '[::1]';
  return hostname.includes(':') ? `[${hostname}]` : hostname;
}
