/**
 * The end of the process: after SIGTERM or SIGINT, `/readyz` says no, the listener closes, running requests end, open
 * streams are ended, and only then the process exits. A load balancer that asks `/readyz` needs `SHUTDOWN_DELAY` to
 * see it before the listener closes.
 */
import 'server-only';
import type { Server, ServerResponse } from 'node:http';
import { constants } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { monotonicMs } from '../base/clock';
import { waitAtMost } from '../base/deadline';
import { logEvent } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { getConfig } from '../config/config';
import type { HttpServer } from './http-server';

/** Kubernetes kills 30 s after SIGTERM. */
const longestMs = 25_000;
/** For requests of which a part is still to come: anybody can hold one back. */
const bodyMs = 5_000;
/** A connection that was opened before the listener closed has so long to send its request. */
const lateRequestMs = 500;
const pollMs = 25;
const closeNextMs = 2_000;

type Shutdown = { hasStarted: boolean; streams: AbortController; lastTasks: Set<() => Promise<unknown>> };

function shutdown(): Shutdown {
  return processSingleton('shutdown', () => ({
    hasStarted: false,
    streams: new AbortController(),
    lastTasks: new Set(),
  }));
}

/** From the signal on. */
export function isShuttingDown(): boolean {
  return shutdown().hasStarted;
}

/** Aborted when open streams have to end: their clients come back, and find another instance. */
export function streamsEnd(): AbortSignal {
  return shutdown().streams.signal;
}

/** Runs before the process exits, for two seconds at most: what is collected and not sent yet. */
export function beforeExit(task: () => Promise<unknown>): void {
  shutdown().lastTasks.add(task);
}

export function shutDownOnSignals(own: HttpServer): void {
  const running = followResponses(own.server);
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, async () => {
      // A terminal and npm may both send it.
      if (isShuttingDown()) return;
      await shutDown(own, { running, signal, delayMs: getConfig().shutdownDelayMs });
      process.exit(128 + constants.signals[signal]);
    });
}

type Running = Set<ServerResponse>;

/** Collects the responses that are not over. From the signal on, each one is the last of its connection. */
export function followResponses(server: Server): Running {
  const running: Running = new Set();
  server.prependListener('request', (_request, response) => {
    running.add(response);
    if (isShuttingDown()) response.shouldKeepAlive = false;
    response.once('close', () => running.delete(response));
  });
  return running;
}

type ShutdownOptions = {
  running: Running;
  signal: string;
  delayMs: number;
  graceMs?: number | undefined;
  uploadMs?: number | undefined;
};

/** Never throws. What does not end by itself in time is cut off, and counted in the log. */
export async function shutDown(
  { server, closeNext }: Pick<HttpServer, 'server' | 'closeNext'>,
  { running, signal, delayMs, graceMs = longestMs, uploadMs = bodyMs }: ShutdownOptions,
): Promise<void> {
  const startedMs = monotonicMs();
  shutdown().hasStarted = true;
  logEvent('shutdown_started', { signal, running: running.size });
  for (const response of running) response.shouldKeepAlive = false;
  await wait(delayMs);
  await closeConnections(server, running, { graceMs, uploadMs });
  const cut = running.size;
  server.closeAllConnections();
  await finish([closeNext]);
  await finish([...shutdown().lastTasks]);
  logEvent('shutdown_completed', { cut, durationMs: Math.round(monotonicMs() - startedMs) });
}

async function finish(tasks: readonly (() => Promise<unknown>)[]): Promise<void> {
  const all = Promise.allSettled(tasks.map((task) => task()));
  await waitAtMost<unknown>(closeNextMs, all, undefined);
}

type Waits = { graceMs: number; uploadMs: number };

async function closeConnections(
  server: Server,
  running: Running,
  { graceMs, uploadMs }: Waits,
): Promise<void> {
  const startedMs = monotonicMs();
  const isWithin = (ms: number) => monotonicMs() - startedMs < ms;
  let isClosed = false;
  server.close(() => {
    isClosed = true;
  });
  shutdown().streams.abort();
  const longest = () => {
    if (running.size === 0) return lateRequestMs;
    return [...running].some(hasArrived) ? graceMs : Math.min(graceMs, uploadMs);
  };
  while (!isClosed && isWithin(longest())) await wait(pollMs);
}

/** Whether the whole request is here, or was answered without it. */
function hasArrived({ req: request, headersSent }: ServerResponse): boolean {
  return request.complete || headersSent;
}
