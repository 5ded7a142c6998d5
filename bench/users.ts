/** The users of a bench: each has an account at the bundled authorization server, and a browser. */
import { setTimeout as pause } from 'node:timers/promises';
import { DeviceKey } from '../e2e/support/device-key.ts';
import { HttpBrowser, type Page } from '../e2e/support/http-browser.ts';
import { reachCallback } from '../e2e/support/sign-in-by-http.ts';
import type { TestStack } from '../e2e/support/test-stack.ts';

export type BenchUser = {
  email: string;
  /** As the pages show it. */
  name: string;
  browser: HttpBrowser;
  /** The contacts that the API returned for this user's token; no other user has them. */
  contacts: string;
  /** What the session is bound to, if the application offers that. */
  device: DeviceKey | null;
};

export const contactsPath = '/dashboard/contacts';

const paths = [
  '/dashboard',
  '/dashboard/contacts',
  '/dashboard/contacts?q=an',
  '/dashboard/messages',
  '/dashboard/session',
  '/dashboard/access',
];
/** A click every two seconds, more or less. */
const thinkMs = { least: 1_000, most: 3_000 };

/** The path of the next page, when the user has read the one before. */
export async function nextClick(): Promise<string> {
  await pause(thinkMs.least + Math.random() * (thinkMs.most - thinkMs.least));
  return paths[Math.floor(Math.random() * paths.length)] ?? '';
}

/** Signs all users in, a few at a time. */
export async function signInUsers(stack: TestStack, count: number, first = 1): Promise<BenchUser[]> {
  const users: BenchUser[] = [];
  const end = first + count;
  for (let start = first; start < end; start += 5) {
    const numbers = Array.from({ length: Math.min(5, end - start) }, (_, step) => start + step);
    users.push(...(await Promise.all(numbers.map((number) => signIn(stack, number)))));
  }
  return users;
}

async function signIn(stack: TestStack, number: number): Promise<BenchUser> {
  const digits = String(number).padStart(3, '0');
  const user = {
    email: `user${digits}@strongroom.test`,
    name: `User ${digits}`,
    browser: new HttpBrowser(),
  };
  const callback = await reachCallback(stack, user.browser, { email: user.email, returnTo: contactsPath });
  const { headers } = await user.browser.visit(callback, { maxRedirects: 0 });
  const device = await register(stack, user.browser, headers.get('secure-session-registration'));
  const page = await user.browser.visit(stack.appOrigin + contactsPath);
  return { ...user, contacts: readContacts(page), device };
}

async function register(
  { appOrigin }: TestStack,
  browser: HttpBrowser,
  offer: string | null,
): Promise<DeviceKey | null> {
  if (offer === null) return null;
  const device = new DeviceKey(appOrigin);
  const { status, html } = await device.register(browser, offer);
  if (status !== 200) throw new Error(`The registration was answered with ${status}: ${html}`);
  return device;
}

/** The table of a contacts page; '' when there is none. */
export function readContacts({ html }: Page): string {
  return /<tbody>[\s\S]*<\/tbody>/.exec(html)?.[0] ?? '';
}

/** Whether the page shows another user's name or contacts. */
export function isSwapped(page: Page, { name, contacts }: BenchUser): boolean {
  const names = page.html.match(/User \d{3}/g) ?? [];
  const isWholeList = page.url.pathname + page.url.search === contactsPath;
  const shown = isWholeList ? readContacts(page) : '';
  return names.some((one) => one !== name) || (shown !== '' && shown !== contacts);
}

export function isAskedToSignIn({ url }: Page): boolean {
  return url.pathname === '/sign-in';
}
