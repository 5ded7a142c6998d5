/**
 * A resource server that responds as the test says, in place of the bundled one and on its port; 0 is any
 * free one.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ScriptedApi = {
  port: number;
  /** Authorization headers that arrived, in order. */
  tokens: string[];
  /** Bodies and keys of the requests that had one, in order. */
  posts: { body: string; key: string | undefined }[];
  /** What arrived of the body of each PUT so far, in order, and whether it came to its end. */
  uploads: { body: Buffer; isWhole: boolean }[];
  /** Every request as it came, in order: header names and values alternate. */
  requests: { line: string; rawHeaders: string[] }[];
  close(): Promise<void>;
};

export type ScriptedResponse =
  | { status: number; headers?: Record<string, string | string[]>; body?: string | Buffer; write?: undefined }
  /** Anything that the test wants to do with the connection. */
  | { write: (response: ServerResponse) => unknown };

export function startScriptedApi(
  port: number,
  respond: (path: string, count: number, method: string) => ScriptedResponse,
): Promise<ScriptedApi> {
  const tokens: string[] = [];
  const posts: ScriptedApi['posts'] = [];
  const uploads: ScriptedApi['uploads'] = [];
  const requests: ScriptedApi['requests'] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers, rawHeaders } = request;
    // The application asks which tokens an API takes, and this one does not say.
    if (headers.authorization === undefined && (url === '/' || url.startsWith('/.well-known/')))
      return void response.writeHead(404).end();
    tokens.push(headers.authorization ?? '');
    requests.push({ line: `${method} ${url}`, rawHeaders });
    const received = { body: Buffer.alloc(0), isWhole: false };
    if (method === 'PUT') uploads.push(received);
    try {
      for await (const chunk of request) received.body = Buffer.concat([received.body, chunk]);
      received.isWhole = true;
    } catch {
      // The sender broke off, so no response is expected.
      return;
    }
    if (method === 'POST')
      posts.push({ body: received.body.toString(), key: headers['idempotency-key']?.toString() });
    const answered = respond(url, tokens.length, method);
    if (answered.write !== undefined) return void answered.write(response);
    response
      .writeHead(answered.status, { 'content-type': 'application/json', ...answered.headers })
      .end(answered.body ?? '');
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () =>
      resolve({ port: (server.address() as AddressInfo).port, tokens, posts, uploads, requests, close }),
    );
  });
}
