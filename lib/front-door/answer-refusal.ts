/** Sends the refusals of the front door, also for what Node could not even read. */
import 'server-only';
import { createHash } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { logWarning } from '@/lib/base/log';
import { newReference } from '@/lib/base/reference';
import { getConfig } from '@/lib/config/config';
import { allowedMethods } from './judge-request';
import { refusalHeaders, refusalPage, refusalProblem, refusalStyle } from './refusal-page';

const styleHash = createHash('sha256').update(refusalStyle).digest('base64');

export function sendRefusal(response: ServerResponse, status: number, target: string): void {
  const { headers, body } = composeRefusal(status, target);
  const allow = status === 405 ? { Allow: allowedMethods(target).join(', ') } : {};
  response.writeHead(status, { ...headers, ...allow, Connection: 'close' }).end(body);
}

/** @see node:http `clientError`: the answer is written to the connection itself, unless another one is on its way there */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const status = brokenStatus[error.code ?? ''] ?? 400;
  const { headers, body } = composeRefusal(status, '');
  const lines = Object.entries({ ...headers, Connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
}

const brokenStatus: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Node keeps the answer under way at its connection. */
function isAnswering(socket: Duplex): boolean {
  const { _httpMessage: response } = socket as { _httpMessage?: { headersSent?: boolean } | null };
  return response?.headersSent === true;
}

export type ComposedRefusal = { headers: Record<string, string>; body: string };

/** A page, or JSON below `/api`, with a reference that is in the log. */
export function composeRefusal(status: number, target: string): ComposedRefusal {
  const { appOrigin, isHttps } = getConfig();
  const reference = newReference();
  logWarning('request_refused', { status, reference });
  const refusal = { status, reference, appOrigin };
  const isJson = target.startsWith('/api/');
  const body = isJson ? refusalProblem(refusal) : refusalPage(refusal);
  const length = String(Buffer.byteLength(body));
  return { headers: { ...refusalHeaders({ isHttps, styleHash, isJson }), 'Content-Length': length }, body };
}
