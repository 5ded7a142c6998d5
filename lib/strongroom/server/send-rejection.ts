/** Sends the rejections of the front endpoint, also for what Node could not even read. */
import 'server-only';
import { createHash } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { logWarning } from '../base/log';
import { newReference } from '../base/reference';
import { getConfig } from '../config/config';
import { getDeclaration } from '../config/declaration';
import { rejectionHeaders, rejectionPage, rejectionProblem, rejectionStyle } from './rejection-page';
import { allowedMethods } from './validate-request';

const styleHash = createHash('sha256').update(rejectionStyle).digest('base64');

export function sendRejection(response: ServerResponse, status: number, target: string): void {
  const { headers, body } = composeRejection(status, target);
  const allow = status === 405 ? { Allow: allowedMethods(target).join(', ') } : {};
  response.writeHead(status, { ...headers, ...allow, Connection: 'close' }).end(body);
}

/** @see node:http `clientError`: the answer is written to the connection itself, unless another one is on its way there */
export function rejectBrokenRequest(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const status = brokenStatus[error.code ?? ''] ?? 400;
  const { headers, body } = composeRejection(status, '');
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

export type ComposedRejection = { headers: Record<string, string>; body: string };

/** Addresses that software asks, which has no use for a page. */
const forSoftware = /^\/(api\/|healthz|readyz|auth\/(status|back-channel-logout))/;

/** A page, or JSON for software, with a reference that is in the log. */
export function composeRejection(status: number, target: string): ComposedRejection {
  const { appOrigin, isHttps } = getConfig();
  const reference = newReference();
  logWarning('request_rejected', { status, reference });
  const rejection = { status, reference, appOrigin, productName: getDeclaration().productName };
  const isJson = forSoftware.test(target);
  const body = isJson
    ? rejectionProblem(rejection, STATUS_CODES[status] ?? 'Error')
    : rejectionPage(rejection);
  const length = String(Buffer.byteLength(body));
  return { headers: { ...rejectionHeaders({ isHttps, styleHash, isJson }), 'Content-Length': length }, body };
}
