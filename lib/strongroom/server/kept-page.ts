/**
 * The application's page for unknown addresses, rendered once and kept: strangers ask for it most. It is rendered as
 * for a visitor without a session, from a request of which nothing but the language is the client's, so that it is
 * the same for all. Each response gets a nonce of its own.
 */
import 'server-only';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { BoundedMap } from '../base/bounded-map';
import { clientAddressHeader } from './client-address';

/** A page may tell what changes: it is rendered anew now and then. */
const keptMs = 60_000;
const maxLanguages = 16;
const maxLanguageChars = 80;
const maxPageBytes = 512_000;

/** What Next says about a page; all other headers are ours, and made for each response. */
const keptHeaders = ['content-type', 'vary', 'link'] as const;

type Kept = { headers: readonly (readonly [string, string])[]; body: string; nonce: string };

export class KeptPage {
  readonly #pages = new BoundedMap<Kept>(maxLanguages);

  /** @returns whether the page is kept, and was sent */
  send(request: IncomingMessage, response: ServerResponse, nonce: string): boolean {
    const page = this.#pages.get(languageOf(request));
    if (page === null) return false;
    const renew = (text: string) => text.replaceAll(page.nonce, nonce);
    const body = Buffer.from(renew(page.body));
    for (const [name, value] of page.headers) response.setHeader(name, renew(value));
    response.statusCode = 404;
    response.setHeader('Content-Length', body.length);
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  }

  /** Keeps what Next sends for this request, of which it sees no more than any other visitor's. */
  keepNext(request: IncomingMessage, response: ServerResponse, nonce: string): void {
    const language = languageOf(request);
    request.headers = withoutClient(request.headers, language);
    const chunks: Buffer[] = [];
    const { write, end } = response;
    response.write = (...given: unknown[]) => {
      collect(chunks, given);
      return Reflect.apply(write, response, given);
    };
    response.end = (...given: unknown[]) => {
      collect(chunks, given);
      return Reflect.apply(end, response, given);
    };
    response.once('finish', () => {
      const page = readPage(response, Buffer.concat(chunks), nonce);
      if (page !== null) this.#pages.set(language, page, keptMs);
    });
  }
}

function collect(chunks: Buffer[], [chunk]: unknown[]): void {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
}

/** Null for what is no whole page for an unknown address. */
function readPage(response: ServerResponse, bytes: Buffer, nonce: string): Kept | null {
  const headers = response.getHeaders();
  const isPage = response.statusCode === 404 && headers['content-type']?.toString().startsWith('text/html');
  if (!isPage || headers['content-encoding'] !== undefined || bytes.length > maxPageBytes) return null;
  const body = bytes.toString();
  if (!body.includes(nonce)) return null;
  return { headers: pickHeaders(headers), body, nonce };
}

function pickHeaders(headers: OutgoingHttpHeaders): [string, string][] {
  return keptHeaders.flatMap((name) => {
    const value = headers[name];
    return value === undefined ? [] : [[name, String(value)] as [string, string]];
  });
}

/** Only what the server guard wrote itself, and the policy. */
const ownHeaders = /^(?:host|content-security-policy|x-request-id|x-forwarded-.*)$/;

function withoutClient(headers: IncomingMessage['headers'], language: string): IncomingMessage['headers'] {
  const kept = Object.entries(headers).filter(
    ([name]) => ownHeaders.test(name) || name === clientAddressHeader(),
  );
  return { ...Object.fromEntries(kept), ...(language === '' ? {} : { 'accept-language': language }) };
}

/** No header of great length is a key. */
function languageOf({ headers }: IncomingMessage): string {
  const language = headers['accept-language'] ?? '';
  return language.length > maxLanguageChars ? '' : language;
}
