/** A resource server that answers as the test says, in place of the bundled one and on its port. */
import { createServer } from 'node:http';

export type ScriptedApi = {
  /** Authorization headers that arrived, in order. */
  tokens: string[];
  /** Bodies and keys of the requests that had one, in order. */
  posts: { body: string; key: string | undefined }[];
  close(): Promise<void>;
};

export type ScriptedAnswer = { status: number; headers?: Record<string, string>; body?: string };

export function startScriptedApi(
  port: number,
  answer: (path: string, count: number, method: string) => ScriptedAnswer,
): Promise<ScriptedApi> {
  const tokens: string[] = [];
  const posts: ScriptedApi['posts'] = [];
  const server = createServer(async (request, response) => {
    tokens.push(request.headers.authorization ?? '');
    let received = '';
    for await (const chunk of request) received += chunk;
    if (request.method === 'POST')
      posts.push({ body: received, key: request.headers['idempotency-key']?.toString() });
    const {
      status,
      headers = {},
      body = '',
    } = answer(request.url ?? '', tokens.length, request.method ?? '');
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve({ tokens, posts, close }));
  });
}
