/**
 * Sends a rejection to a client that is still sending its body. A connection that is closed while bytes arrive is
 * reset, and the client loses the response: so the rest is read and thrown away first, as far as that is little.
 * @see RFC 9112 §9.6
 */
import 'server-only';
import type { IncomingMessage, ServerResponse } from 'node:http';

const maxBytes = 4_000_000;
const maxWaitMs = 1_000;

export type Rejecting = Pick<ServerResponse, 'writeHead' | 'end'>;

export function lingering(request: IncomingMessage, response: ServerResponse): Rejecting {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  // Of another encoding nobody knows where the body ends.
  const hasBody = encoding === undefined ? length !== '0' : encoding.toLowerCase() === 'chunked';
  if (!hasBody) return response;
  const end = (body: unknown) => {
    response.write(body);
    readAway(request, () => response.end());
    return response;
  };
  return { writeHead: response.writeHead.bind(response), end: end as ServerResponse['end'] };
}

function readAway(request: IncomingMessage, done: () => void): void {
  let bytes = 0;
  const finish = () => {
    clearTimeout(timer);
    for (const event of ['close', 'end']) request.off(event, finish);
    request.off('data', count);
    done();
  };
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) finish();
  };
  const timer = setTimeout(finish, maxWaitMs);
  request.on('data', count);
  request.once('close', finish);
  request.once('end', finish);
}
