/**
 * Answers what Node's HTTP parser turns down before there is a request: headers over the limit, too slow, not HTTP.
 * Written to the raw socket, in the same shape as every other refusal.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from './log.ts';
import { buildProblem, type ProblemCode, problemContentType } from './problem.ts';
import { commonHeaders } from './response-headers.ts';

const codes: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

// What still arrives is read and dropped for this long: closing at once would reset the connection before the answer is read.
const lingerMs = 1_000;

export function createMalformedAnswer(log: Log) {
  return function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
    // Node reports every further piece of the same broken request.
    if (!socket.writable || error.code === 'ECONNRESET') return;
    const code = codes[error.code ?? ''] ?? 'invalid_request';
    log('refused', { code, reason: 'http_parser' });
    socket.end(buildRawAnswer(code));
    setTimeout(() => socket.destroy(), lingerMs).unref();
  };
}

function buildRawAnswer(code: ProblemCode): string {
  const problem = buildProblem(code);
  const body = JSON.stringify(problem);
  const headers = {
    ...commonHeaders,
    'content-type': problemContentType,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`, ...lines, '', body].join(
    '\r\n',
  );
}
