/**
 * Opens the application's seals with the secret of the installation: what only a test, which knows the
 * secret, can do.
 */
import { hkdfSync } from 'node:crypto';
import type { BrowserContext } from '@playwright/test';
import { sealData, unsealData } from 'iron-session';
import { unpackSession } from '../../lib/strongroom/session/packed-session.ts';
import type { HttpBrowser } from './http-browser.ts';
import type { TestStack } from './test-stack.ts';

export async function openSeal(
  purpose: string,
  secret: string,
  text: string,
): Promise<Record<string, unknown>> {
  const data = await unsealData(text, { password: { 1: keyOf(purpose, secret) }, ttl: 0 });
  return unpackSession(data) as Record<string, unknown>;
}

function keyOf(purpose: string, secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', `strongroom/${purpose}/v1`, 32)).toString('base64url');
}

type Data = Record<string, unknown>;

/** The seal with other contents. */
export async function editSeal(
  purpose: string,
  secret: string,
  text: string,
  change: (data: Data) => Data,
): Promise<string> {
  const password = { 1: keyOf(purpose, secret) };
  return sealData(change(await openSeal(purpose, secret, text)), { password, ttl: 3_600 });
}

/** Where the application is, and what seals its cookies. */
type Installation = Pick<TestStack, 'appOrigin'> & { secrets: Pick<TestStack['secrets'], 'appSecret'> };

/** Changes what the browser's session says, as if time had passed: nothing has to wait. */
export async function editSession(
  { appOrigin, secrets }: Installation,
  browser: HttpBrowser,
  change: (session: Data) => Data,
): Promise<void> {
  const cookies = browser.cookies(appOrigin);
  const prefix = prefixOf(appOrigin);
  const value = await editSeal('session', secrets.appSecret, joinSessionCookie(cookies, prefix), change);
  for (const name of sessionCookieNames) cookies.delete(prefix + name);
  for (const { name, value: part } of splitSessionCookie(value))
    cookies.set(prefix + name, { value: part, path: '/' });
}

/** Of the names of all cookies. */
function prefixOf(appOrigin: string): string {
  return appOrigin.startsWith('https:') ? '__Host-' : '';
}

const sessionCookieNames = ['strongroom', 'strongroom.0', 'strongroom.1', 'strongroom.2', 'strongroom.3'];
export const sessionCookieShape = /^strongroom(?:\.\d)?(?==|$)/;

/** The seal of the session in these cookies; '' when there is none. It stands whole or in parts. */
export function joinSessionCookie(cookies: ReadonlyMap<string, { value: string }>, prefix = ''): string {
  return sessionCookieNames.map((name) => cookies.get(prefix + name)?.value ?? '').join('');
}

/** As the application splits it. */
function splitSessionCookie(value: string): { name: string; value: string }[] {
  const parts = value.match(/.{1,3900}/g) ?? [];
  if (parts.length === 1) return [{ name: 'strongroom', value }];
  return parts.map((part, at) => ({ name: `strongroom.${at}`, value: part }));
}

/** The same in a browser with a screen. */
export async function editContextSession(
  { appOrigin, secrets }: Installation,
  context: BrowserContext,
  change: (session: Data) => Data,
): Promise<void> {
  const prefix = prefixOf(appOrigin);
  const isOurs = ({ name }: { name: string }) =>
    name.startsWith(prefix) && sessionCookieShape.test(name.slice(prefix.length));
  const cookies = (await context.cookies(appOrigin)).filter(isOurs);
  const [cookie] = cookies;
  if (cookie === undefined) throw new Error('not signed in');
  const sealed = joinSessionCookie(new Map(cookies.map((one) => [one.name, one])), prefix);
  const value = await editSeal('session', secrets.appSecret, sealed, change);
  for (const { name } of cookies) await context.clearCookies({ name });
  const parts = splitSessionCookie(value).map((part) => ({ ...part, name: prefix + part.name }));
  await context.addCookies(parts.map((part) => ({ ...cookie, ...part })));
}

/** As if the session had begun earlier. */
export function begunEarlier(bySec: number): (session: Data) => Data {
  return (session) => ({ ...session, startedAtMs: Number(session.startedAtMs) - bySec * 1_000 });
}

/** As if the session had been bound an hour ago, and its cookie said so: there is no grace any more. */
export function boundLongAgo(session: Data): Data {
  const boundAtSec = Math.floor(Date.now() / 1000) - 3_600;
  return { ...session, binding: { boundAtSec, copiedAtSec: null } };
}

/** As if the access token had just expired: its refresh token is as good as before. */
export function expireAccessToken(stack: Installation, browser: HttpBrowser): Promise<void> {
  return editSession(stack, browser, withExpiredToken);
}

/** Every access token: that of the first API, and those of all others. */
export function withExpiredToken(session: Data): Data {
  const expiresAtSec = Math.floor(Date.now() / 1000) - 1;
  const { apiTokens, ...tokens } = session.tokens as Data & { apiTokens?: Record<string, Data> };
  const others = Object.entries(apiTokens ?? {}).map(([name, token]) => [name, { ...token, expiresAtSec }]);
  return { ...session, tokens: { ...tokens, expiresAtSec, apiTokens: Object.fromEntries(others) } };
}
