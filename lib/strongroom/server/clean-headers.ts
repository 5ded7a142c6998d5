/**
 * What a browser says about the address it asked for is not believed: Next reads it for redirects, for its check of forms and for routing.
 * Pure. @see CVE-2025-29927, CVE-2024-34351, requirements HO-01, HO-03 and HO-05
 */

/** Headers that no browser has a reason to send, and that Next or software around it acts on. */
const neverBelieved = [
  // `x-middleware-prefetch` only makes an answer smaller.
  /^x-(?:middleware(?!-prefetch$)|invoke|matched|now|vercel|prerender|next)-/,
  // In development its own pages send some of these.
  /^x-nextjs-(?:data|rewrite|redirect|matched|postponed|prerender|cache|stale)/,
  /^x-(?:original|rewrite)-ur[il]$/,
  /^x-(?:http-)?method(?:-override)?$/,
  /^x-forwarded-/,
  /^(?:forwarded|x-host|x-real-ip|x-nonce|next-resume)$/,
  // A server may always answer in full (RFC 9110 §14.2); Next fails on parts that a file does not have.
  /^(?:range|if-range|if-match|if-unmodified-since)$/,
];

type Headers = Record<string, string | string[] | undefined>;

/** @returns the headers as Next may see them: ours say under which address this is */
export function cleanHeaders(headers: Headers, appOrigin: string, clientAddress: string): Headers {
  const kept = Object.entries(headers).filter(([name]) => !neverBelieved.some((rule) => rule.test(name)));
  const { host, protocol } = new URL(appOrigin);
  return {
    ...Object.fromEntries(kept),
    host,
    'x-forwarded-host': host,
    'x-forwarded-proto': protocol.slice(0, -1),
    'x-forwarded-for': clientAddress,
  };
}
