/**
 * Runs before every page where the server guard does not do its work (page-guard.ts): in `next dev`, with
 * `next start`, and in applications that have a server of their own. Nothing relies on it for security: pages and
 * actions check the session by themselves.
 */
import 'server-only';
import { type NextRequest, NextResponse } from 'next/server';
import { logWarning } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import { isDeclared, notStarted } from '../config/declaration';
import { isDevelopment } from '../config/mode';
import { readClientAddress } from '../server/client-address';
import { collectCookies } from '../session/proxy-cookies';
import { type Admission, admitPage } from './admit-page';

/**
 * The whole of the adopter's `proxy.ts`, but for its `config`, which Next reads as it is written.
 * @example
 * export { proxy } from 'strongroom/proxy';
 * export const config = { matcher: ['/((?!_next/static/).*)'] };
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  // Without this header the server guard is not in place yet, and the request was not checked.
  if (readClientAddress(request.headers) === null) return respondStarting();
  const cookies = collectCookies(request);
  const { method, headers, nextUrl } = request;
  const { pathname, search } = nextUrl;
  const admission = await admitPage({ method, pathname, search, headers }, cookies.jar);
  const response = admission.response ?? continueWith(request, admission);
  for (const [name, value] of Object.entries(admission.headers)) response.headers.set(name, value);
  cookies.applyTo(response);
  return response;
}

/** Until `startServer` is called nothing is known, and without instrumentation.ts nothing ever calls it. */
function respondStarting(): NextResponse {
  const headers = { 'Retry-After': '1', 'Cache-Control': 'no-store' };
  if (!isDeclared())
    processSingleton('said-not-started', () => logWarning('not_started', { todo: notStarted }));
  const words = isDevelopment ? describeWaiting(process.uptime()) : startingWords;
  // A developer looks at the page, and not at the log.
  const more: Record<string, string> = isDevelopment ? { Refresh: '2' } : {};
  return new NextResponse(words, { status: 503, headers: { ...headers, ...more } });
}

const startingWords = 'The server is starting. Try again in a moment.\n';
const longStartSec = 10;

/** Until when the server may still be starting; then something is missing. */
export function describeWaiting(uptimeSec: number): string {
  return isDeclared() || uptimeSec < longStartSec ? startingWords : `${notStarted}.\n`;
}

/** Next reads the nonce from the policy in the request’s headers: ours, whatever the browser sent. */
function continueWith(request: NextRequest, { policy, status }: Admission): NextResponse {
  const headers = new Headers(request.headers);
  headers.set('Content-Security-Policy', policy);
  return NextResponse.next({ request: { headers }, ...(status === null ? {} : { status }) });
}
