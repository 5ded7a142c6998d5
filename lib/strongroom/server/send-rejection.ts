/** Sends the rejections of the server guard, also for bytes that Node could not read as a request. */
import 'server-only';
import { createHash } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { currentRequest, requestIdHeader } from '../base/current-request';
import { logWarning } from '../base/log';
import { newReference } from '../base/reference';
import { getConfig } from '../config/config';
import {
  isForSoftware,
  type RejectionPage,
  type RejectionStatus,
  rejectionHeaders,
  rejectionProblem,
} from './rejection';
import { allowedMethods } from './validate-request';

const statusOfParseError: Readonly<Record<string, RejectionStatus>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

export class RejectionSender {
  readonly #page: RejectionPage;
  readonly #styleHash: string;

  constructor(page: RejectionPage) {
    this.#page = page;
    this.#styleHash = createHash('sha256').update(page.style).digest('base64');
  }

  send(response: Pick<ServerResponse, 'writeHead' | 'end'>, status: RejectionStatus, target: string): void {
    const { headers, body } = this.#compose(status, target);
    const more = {
      ...(status === 405 ? { Allow: allowedMethods(target).join(', ') } : {}),
      ...(status === 429 ? { 'Retry-After': '60' } : {}),
    };
    response.writeHead(status, { ...headers, ...more, Connection: 'close' });
    response.end(body);
  }

  /**
   * Node has no response object for a request that it could not parse, so this one is written to the
   * connection itself, unless the response to an earlier request is on its way there.
   * @see node:http `clientError`
   */
  sendUnparsed(error: Error & { code?: string }, socket: Duplex): void {
    if (!socket.writable || error.code === 'ECONNRESET' || isResponding(socket)) {
      socket.destroy();
      return;
    }
    const status = statusOfParseError[error.code ?? ''] ?? 400;
    const { headers, body } = this.#compose(status, '');
    const id = currentRequest()?.requestId ?? '';
    const lines = Object.entries({ ...headers, [requestIdHeader]: id, Connection: 'close' }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  }

  /** A page, or JSON for software, with a reference that stands in the log. */
  #compose(status: RejectionStatus, target: string): { headers: Record<string, string>; body: string } {
    const { appUrl, strictTransportSecurity } = getConfig();
    const rejection = { status, reference: newReference(), appUrl };
    logWarning('request_rejected', { status, reference: rejection.reference });
    const isJson = isForSoftware(target);
    const body = isJson
      ? rejectionProblem(rejection, STATUS_CODES[status] ?? 'Error')
      : this.#page.render(rejection);
    const headers = rejectionHeaders({ strictTransportSecurity, isJson, styleHash: this.#styleHash });
    return { headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }, body };
  }
}

/** Node keeps the response that is under way in this undocumented property of its connection. */
function isResponding(socket: Duplex): boolean {
  const { _httpMessage: response } = socket as { _httpMessage?: { headersSent?: boolean } | null };
  return response?.headersSent === true;
}
