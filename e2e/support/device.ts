/** A browser that binds its session, without a screen: it posts what a browser posts. */
import { createHmac, hkdfSync } from 'node:crypto';
import { HttpBrowser, type Page } from './http-browser.ts';
import { editSeal } from './seals.ts';
import { submitAtServer } from './sign-in-by-http.ts';
import type { TestStack } from './test-stack.ts';

type Json = Record<string, unknown>;

export type DeviceResponse = {
  status: number;
  body: Json;
  /** The line with which the server sets the bound cookie; null: it sets none. */
  boundCookie: string | null;
  challenge: string;
  location: string | null;
};

/** As Chromium sends them: from the browser, not from a page. */
const byBrowser = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'no-cors',
  'sec-fetch-dest': 'empty',
  accept: '*/*',
};

export async function postDevice(
  browser: HttpBrowser,
  address: string,
  headers: Record<string, string>,
): Promise<DeviceResponse> {
  const form = new URLSearchParams();
  const page = await browser.visit(address, { form, headers: { ...byBrowser, ...headers }, maxRedirects: 0 });
  const [{ setCookies = [], location = null } = {}] = page.responses;
  return {
    status: page.status,
    body: page.headers.get('content-type')?.includes('json') ? JSON.parse(page.html) : {},
    boundCookie: setCookies.find((line) => /-bound-[\w-]+=[^;]/.test(line)) ?? null,
    challenge: /^"([^"]+)"/.exec(page.headers.get('secure-session-challenge') ?? '')?.[1] ?? '',
    location,
  };
}

/** Signs in at an address that the application is reached at in the clear, as its TLS proxy reaches it. */
export async function signInAt(
  stack: TestStack,
  edge: string,
): Promise<{ browser: HttpBrowser; challenge: string }> {
  const browser = new HttpBrowser();
  const start = await browser.follow(`${edge}/auth/sign-in?return_to=/dashboard`, { maxRedirects: 0 });
  const asked = await browser.visit(start.responses[0]?.location ?? '', { stopAtCallback: true });
  const callback = await submitAtServer(stack, browser, asked);
  const done = await browser.visit(`${edge}${callback.pathname}${callback.search}`, { maxRedirects: 0 });
  const offer = done.headers.get('secure-session-registration') ?? '';
  return { browser, challenge: /challenge="([^"]+)"/.exec(offer)?.[1] ?? '' };
}

type Stamp = { content: string; about?: string; endsAtSec?: number };

/** A stamp as the application writes it, by its secret: what only a test can do. */
export function forgeStamp(purpose: string, secret: string, { content, about = '', ...rest }: Stamp): string {
  const { endsAtSec = Math.floor(Date.now() / 1000) + 60 } = rest;
  const key = Buffer.from(hkdfSync('sha256', secret, '', `strongroom/${purpose}/v1`, 32)).toString(
    'base64url',
  );
  const head = `${endsAtSec}.${content}`;
  return `${head}.${createHmac('sha256', key).update(`${head}\n${about}`).digest('base64url')}`;
}

/** As if the session had been bound an hour ago: nothing has to wait until the bound cookie is demanded. */
export async function ageBinding(stack: TestStack, edge: string, browser: HttpBrowser): Promise<void> {
  const cookies = browser.cookies(edge);
  const parts = [...cookies.keys()].filter((name) => /^__Host-strongroom(?:\.\d)?$/.test(name)).toSorted();
  const sealed = parts.map((name) => cookies.get(name)?.value ?? '').join('');
  const binding = { boundAtSec: Math.floor(Date.now() / 1000) - 3_600, copiedAtSec: null };
  const change = (session: Json) => ({ ...session, binding });
  const aged = await editSeal('session', stack.secrets.appSecret, sealed, change);
  for (const name of parts) cookies.delete(name);
  const texts = aged.match(/.{1,3900}/g) ?? [];
  for (const [at, value] of texts.entries())
    cookies.set(`__Host-strongroom${texts.length > 1 ? `.${at}` : ''}`, { value, path: '/' });
}

/** Where a page led; its own path when it was shown. */
export function leadsTo({ url, responses }: Page): string {
  const location = responses[0]?.location;
  const { pathname, search } = location ? new URL(location, url) : url;
  return pathname + search;
}
