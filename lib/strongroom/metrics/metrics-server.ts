/** The listener for Prometheus: `/metrics` and nothing else, at an address that no browser reaches. */
import 'server-only';
import { createServer } from 'node:http';
import { isIP } from 'node:net';
import type { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { logFailure } from '../base/log';
import { leaveUnguarded } from '../server/server-guard';

/** Readers are few. */
const maxConnections = 16;
const timeoutMs = 10_000;

/**
 * A page of a stranger whose name leads to this address (DNS rebinding) could read what browsers here can reach. No
 * stranger can have an address, a name without a dot, or one of a private zone.
 */
export function isPrivateHost(host: string): boolean {
  if (!/^[\w.:[\]-]+$/.test(host)) return false;
  const name = URL.parse(`http://${host}`)?.hostname.replace(/\.$/, '') ?? '';
  if (name.startsWith('[') || isIP(name) !== 0) return true;
  return /^[\w-]+$/.test(name) || /\.(?:localhost|internal|local|svc)$/.test(name);
}

/** Resolves when it listens, or cannot: users are served all the same, and Prometheus says that the target is down. */
export async function serveMetrics(
  { port, address }: { port: number; address: string },
  exporter: PrometheusExporter,
): Promise<void> {
  const server = createServer((request, response) => {
    if (!isPrivateHost(request.headers.host ?? '')) return void response.writeHead(421).end();
    if (request.url !== '/metrics') return void response.writeHead(404).end();
    if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
    response.setHeader('cache-control', 'no-store');
    exporter.getMetricsRequestHandler(request, response);
  });
  Object.assign(server, { maxConnections, headersTimeout: timeoutMs, requestTimeout: timeoutMs });
  leaveUnguarded(server);
  await new Promise<void>((resolve) => {
    server.once('error', (error) => {
      logFailure('metrics_not_served', error, { address, port });
      resolve();
    });
    server.listen(port, address, resolve);
  });
  server.unref();
}
