/**
 * How server.js of the standalone output starts, in place of Next's own way, which listens before it is ready: here
 * the application starts first, with the server guard and what it asks of other servers (instrumentation.ts).
 * finish-build.ts puts this file beside server.js.
 */
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { getRequestHandlers } from 'next/dist/server/lib/start-server.js';
import { waitAtMost } from '../lib/strongroom/base/deadline.ts';
import { handOverHttpServer } from '../lib/strongroom/server/http-server.ts';
import { readPageRoutes } from './read-page-routes.ts';

/** An instrumentation.ts that does not call `startServer` never says that it has started. */
const maxStartMs = 10_000;

type Options = { dir: string; hostname: string; port: number; keepAliveTimeout?: number };

export async function startServer({ dir, hostname, port, keepAliveTimeout }: Options): Promise<void> {
  // Next asks its own server for the next page after an action that redirects.
  process.env.PORT = String(port);
  process.env.__NEXT_PRIVATE_ORIGIN = `http://${nameOf(hostname)}:${port}`;
  let handle: RequestListener = () => {};
  let closeNext = async () => {};
  const start = Promise.withResolvers<void>();
  const pass: RequestListener = (request, response) => {
    if (isGuarded()) return handle(request, response);
    rejectUnguarded(response);
  };
  const server = createServer(pass);
  const pageRoutes = readPageRoutes(dir);
  // The guard takes the place of this listener; with Next's proxy before pages, the proxy waits for the guard.
  const isGuarded = () => pageRoutes === null || !server.listeners('request').includes(pass);
  handOverHttpServer({ server, closeNext: () => closeNext(), pageRoutes, started: start.resolve });
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
  await waitAtMost(maxStartMs, start.promise, undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') endForPort(port);
      reject(error);
    });
    server.listen(port, hostname, resolve);
  });
}

function endForPort(port: number): never {
  return end(`Port ${port} is in use: end the program that has it, or set PORT to another one.`);
}

/** Without a guard, nothing stands before pages: instrumentation.ts does not call `startServer`. */
function rejectUnguarded(response: ServerResponse): void {
  response.writeHead(503, { 'Retry-After': '1', 'Cache-Control': 'no-store' });
  response.end('The server is starting. Try again in a moment.\n');
}

/** As every start that fails does: one line of the log that says why. */
function end(text: string): never {
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
