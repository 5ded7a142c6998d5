/**
 * One HTTP request exactly as written: no address is tidied up, no header added but `Host`, no redirect
 * followed.
 */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export type RawResponse = {
  /** 0: the connection was closed without a response. */
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
};

export type RawRequest = {
  method?: string;
  headers?: Record<string, string>;
  body?: string | undefined;
  /** How long to wait for a response. */
  timeoutMs?: number;
};

/** Connects to the loopback port of `origin`, whatever the `host` header says. */
export function sendRaw(
  origin: string,
  path: string,
  { method = 'GET', headers = {}, body, timeoutMs = 240_000 }: RawRequest = {},
): Promise<RawResponse> {
  const { host, port } = new URL(origin);
  // A connection of its own, which the server is not asked to close: closed while the body is still being sent, it would take the response with it.
  const agent = new Agent({ keepAlive: true });
  return new Promise<RawResponse>((resolve) => {
    const failed = () => resolve({ status: 0, headers: {}, body: '' });
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method,
      agent,
      headers: { host, ...headers },
      timeout: timeoutMs,
    };
    const sending = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    sending.on('upgrade', ({ headers: upgraded }, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: upgraded, body: '' });
    });
    sending.on('timeout', () => sending.destroy());
    sending.on('error', failed);
    sending.end(body);
  }).finally(() => agent.destroy());
}
