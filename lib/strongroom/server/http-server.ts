/** The HTTP server of this process, which listens only after the start (scripts/standalone-server.ts). */
import 'server-only';
import type { Server } from 'node:http';
import { processSingleton } from '../base/process-singleton';
import type { PageRoutes } from './page-routes';

export type HttpServer = {
  server: Server;
  /** Lets Next finish what it does after its responses. */
  closeNext: () => Promise<void>;
  /** The guard stands and other servers were asked: it may listen. Next does not wait for that. */
  started: () => void;
  /** For the page guard, which stands before pages in place of Next's proxy; null where the build has a proxy. */
  pageRoutes: PageRoutes | null;
};

const held = () => processSingleton<{ current: HttpServer | null }>('http-server', () => ({ current: null }));

/** For the script that creates the server, before Next starts. */
export function handOverHttpServer(server: HttpServer): void {
  held().current = server;
}

/** Null where none was handed over: in development, and where Next runs in no process of its own. */
export function httpServer(): HttpServer | null {
  return held().current;
}

/**
 * Without a listener, Node treats an upgrade as an ordinary request. Next adds its listener with the first
 * request, so it is removed again.
 */
export function ignoreUpgrades(server: Server): void {
  server.removeAllListeners('upgrade');
  server.on('newListener', (event: string) => {
    if (event === 'upgrade') process.nextTick(() => server.removeAllListeners('upgrade'));
  });
}
