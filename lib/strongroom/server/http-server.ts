/** The HTTP server of this process, which listens only after the start (scripts/standalone-server.ts). */
import 'server-only';
import type { Server } from 'node:http';
import { processSingleton } from '../base/process-singleton';

export type HttpServer = {
  server: Server;
  /** Lets Next finish what it does after its responses. */
  closeNext: () => Promise<void>;
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
