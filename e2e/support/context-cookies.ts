/** The cookies of a browser without a screen, for one with a screen. */
import type { BrowserContext } from '@playwright/test';
import type { HttpBrowser } from './http-browser.ts';

type ContextCookie = Parameters<BrowserContext['addCookies']>[0][number];
const sameSites = ['Strict', 'Lax', 'None'] as const;

export function toContextCookies({ jar }: HttpBrowser): ContextCookie[] {
  return [...jar].flatMap(([domain, cookies]) =>
    [...cookies].map(([name, { value, path, line }]) => ({
      ...{ name, value, domain, path },
      ...readAttributes(line ?? ''),
    })),
  );
}

/** @see RFC 6265 §5.2 */
function readAttributes(line: string): Partial<ContextCookie> {
  const read = (name: string) => new RegExp(`; *${name}(?:=([^;]*))?`, 'i').exec(line);
  const maxAgeSec = read('max-age')?.[1];
  const endsAt = read('expires')?.[1];
  const expiresMs =
    maxAgeSec === undefined ? Date.parse(endsAt ?? '') : Date.now() + Number(maxAgeSec) * 1_000;
  const sameSite = sameSites.find((one) => one.toLowerCase() === read('samesite')?.[1]?.toLowerCase());
  return {
    httpOnly: read('httponly') !== null,
    secure: read('secure') !== null,
    ...(Number.isNaN(expiresMs) ? {} : { expires: expiresMs / 1_000 }),
    ...(sameSite === undefined ? {} : { sameSite }),
  };
}
