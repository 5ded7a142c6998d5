/**
 * Removes what a request claims about its own address: Next would use it for redirects, for its check of
 * forms and for routing. Pure.
 * @see CVE-2025-29927, CVE-2024-34351
 */

/** Headers that no browser has a reason to send, and that Next or software around it acts on. */
const removedHeaders = [
  // `x-middleware-prefetch` stays: it only makes a response smaller.
  /^x-(?:middleware(?!-prefetch$)|invoke|matched|now|vercel|prerender|next)-/,
  // The others that start like these stay, because Next's own pages send them in development.
  /^x-nextjs-(?:data|rewrite|redirect|matched|postponed|prerender|cache|stale)/,
  /^x-(?:original|rewrite)-ur[il]$/,
  /^x-(?:http-)?method(?:-override)?$/,
  /^x-forwarded-/,
  /^(?:forwarded|x-host|x-real-ip|x-nonce|next-resume)$/,
  // Next fails on parts that a file does not have; a server may always send the whole file instead. @see RFC
  // 9110 §14.2
  /^(?:range|if-range|if-match|if-unmodified-since)$/,
];
/** How all of them begin, and few others. */
const beginning = /^(?:x-|forwarded|next-|range|if-)/;

/** Next searches it for the names of robots, in a time that grows with the square of its length. */
const maxUserAgentChars = 512;

type Headers = Record<string, string | string[] | undefined>;

/**
 * @returns the headers as Next may see them, with host and scheme of this application and the address of the
 *   client
 */
export function cleanHeaders(headers: Headers, appOrigin: string, clientAddress: string): Headers {
  const kept: Headers = {};
  for (const name in headers) if (!isRemoved(name)) kept[name] = headers[name];
  const [scheme, host] = appOrigin.split('://');
  const userAgent = headers['user-agent']?.toString().slice(0, maxUserAgentChars);
  return {
    ...kept,
    ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
    host,
    'x-forwarded-host': host,
    'x-forwarded-proto': scheme,
    'x-forwarded-for': clientAddress,
  };
}

function isRemoved(name: string): boolean {
  return beginning.test(name) && removedHeaders.some((rule) => rule.test(name));
}
