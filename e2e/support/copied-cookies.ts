/** What somebody can do with all cookies of a browser, and without its key. */
import type { Cookie } from '@playwright/test';
import { HttpBrowser } from './http-browser.ts';
import type { TestStack } from './test-stack.ts';

export type Cookies = readonly Cookie[];

const paths = [
  '/dashboard',
  '/dashboard/contacts',
  '/dashboard/session',
  '/api/gateway/contacts?q=an&per_page=5',
  '/api/gateway/messages',
];
/** As a browser says that it could not renew; anybody can say so. */
const excuse = { 'secure-session-skipped': 'server_error;session_identifier="none"' };

/** Twenty requests: every path, at both instances, with an excuse and without. @returns what each came to */
export function tryCopy(stack: TestStack, cookies: Cookies): Promise<string[]> {
  const tries = paths.flatMap((path) =>
    stack.instanceOrigins.flatMap((origin) =>
      [{}, excuse].map((headers) => tryOnce(origin, { path, cookies, headers })),
    ),
  );
  return Promise.all(tries);
}

type Try = { path: string; cookies: Cookies; headers: Record<string, string> };

async function tryOnce(origin: string, { path, cookies, headers }: Try): Promise<string> {
  const browser = new HttpBrowser();
  const jar = browser.cookies(origin);
  for (const cookie of cookies) jar.set(cookie.name, cookie);
  const mode = path.startsWith('/api/') ? 'cors' : 'navigate';
  const more = { 'x-strongroom': '1', 'sec-fetch-mode': mode, ...headers };
  const { status, html, responses } = await browser.follow(origin + path, { headers: more, maxRedirects: 0 });
  const location = responses[0]?.location ?? '';
  const hasData = /<table|"items"|"name"/.test(html);
  const isSentAway = status >= 300 && status < 400 && /\/sign-in[/?]/.test(location);
  if (!hasData && (isSentAway || status === 401 || status === 503)) return 'rejected';
  return `${status} ${location} ${html.slice(0, 200)}`;
}
