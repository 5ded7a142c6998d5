/** Requests whose bodies are sent and read as they come. Test support only. */
import { sendStreamed } from '../base/http-client';
import { HttpError, type HttpRequest } from '../base/http-exchange';
import type { TestServer } from './http-server';

export const streamLimits = { timeoutMs: 120_000, maxBytes: 10_000 };

export function sendTo(
  server: TestServer,
  path: string,
  request: Partial<HttpRequest> = {},
  changes = {},
): Promise<Response> {
  const whole: HttpRequest = {
    method: 'GET',
    headers: new Headers(),
    body: null,
    signal: new AbortController().signal,
    ...request,
  };
  return sendStreamed(new URL(server.origin + path), whole, { ...streamLimits, ...changes });
}

/** Why it failed as an exchange of HTTP. */
export async function failureOf(outcome: Promise<unknown>): Promise<string> {
  const error: unknown = await outcome.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof HttpError ? error.failure : `not: ${String(error)}`;
}
