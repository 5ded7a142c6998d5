/** Whether an address is within another one. Pure. */

/** `url` is the base address or below it, on the same scheme, host and port. */
export function isBelow(url: URL, baseUrl: string): boolean {
  const base = new URL(baseUrl);
  const folder = base.pathname.replace(/\/$/, '');
  return url.origin === base.origin && (url.pathname === folder || url.pathname.startsWith(`${folder}/`));
}
