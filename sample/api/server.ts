/**
 * Starts and ends the API on this machine's loopback address. `main.ts` runs it for people, tests run it for themselves.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listCalendars, type SampleSettings } from '../settings.ts';
import { type Data, openData } from './data.ts';
import { printLog } from './http/log.ts';
import { createMalformedAnswer } from './http/malformed-request.ts';
import {
  type ApiSettings,
  type CalendarSettings,
  createCalendarListener,
  createListener,
  type Powers,
} from './request-listener.ts';

export type RunningApi = { identifier: string; close(): Promise<void> };

const host = '127.0.0.1';
const graceMs = 5_000;
const defaults = {
  requestsPerMinute: 600,
  // Often enough for anything between us and the client that closes silent connections.
  heartbeatMs: 15_000,
  log: printLog,
  nowMs: Date.now,
};

const serverLimits = {
  // Room for the longest token that is looked at, and a proof.
  maxHeaderSize: 64 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 65_000,
  // How often the first two are looked at.
  connectionsCheckingInterval: 2_000,
};

/** Starts the API. @throws `EADDRINUSE` and other errors of starting, with nothing left open. */
export async function startApi(settings: ApiSettings, options: Partial<Powers> = {}): Promise<RunningApi> {
  const powers = { ...defaults, ...options };
  const { server, identifier } = await openServer(settings.apiPort, settings.apiIdentifier, powers);
  try {
    const data = openData(settings.stateFolder, powers);
    server.on('request', createListener({ ...settings, apiIdentifier: identifier }, data, powers));
    return { identifier, close: () => closeApi(server, data) };
  } catch (error) {
    await closeServer(server);
    throw error;
  }
}

/** Starts the calendar: an API of its own, on its own port, that keeps nothing. @throws as above */
export async function startCalendar(
  settings: CalendarSettings,
  options: Partial<Powers> = {},
): Promise<RunningApi> {
  const powers = { ...defaults, ...options };
  const { server, identifier } = await openServer(settings.calendarPort, settings.calendarIdentifier, powers);
  server.on('request', createCalendarListener({ ...settings, calendarIdentifier: identifier }, powers));
  return { identifier, close: () => closeServer(server) };
}

/** Starts the API and the calendars. @throws as above */
export async function startApis(
  settings: SampleSettings,
  options: Partial<Powers> = {},
): Promise<{ close(): Promise<void> }> {
  const calendars = listCalendars(settings).map((calendarIdentifier) => {
    const calendarPort = Number(new URL(calendarIdentifier).port);
    return startCalendar({ ...settings, calendarIdentifier, calendarPort }, options);
  });
  const apis = await Promise.all([...calendars, startApi(settings, options)]);
  return { close: async () => void (await Promise.all(apis.map(({ close }) => close()))) };
}

/** Port 0 lets the system choose, for tests; the identifier follows. */
async function openServer(wanted: number, identifier: string, { log }: Powers) {
  const server = createServer(serverLimits);
  const port = await listen(server, wanted);
  server.on('clientError', createMalformedAnswer(log));
  return { server, identifier: wanted === 0 ? `http://${host}:${port}` : identifier };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Streams would go on for as long as their tokens last, so they are ended first. */
function closeApi(server: Server, data: Data): Promise<void> {
  data.streams.close();
  return closeServer(server).finally(data.close);
}

/** Lets answers that are under way finish, for a bounded time. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
