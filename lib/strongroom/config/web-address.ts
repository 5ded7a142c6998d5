/** Validates configured addresses: https everywhere, http on loopback only. Pure. @see RFC 9700 §2.6 */

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

export function isLoopback(url: URL): boolean {
  return loopbackHosts.has(url.hostname);
}

/** Whether a request may be sent there: https, or http to this very machine. */
export function isSafeAddress(url: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

/**
 * What is wrong with an address, as the second half of a sentence, or null.
 * @param isHttpAllowed also beyond this machine: for private networks that the operator named
 */
export function findAddressProblem(text: string, isHttpAllowed = false): string | null {
  const url = URL.parse(text);
  if (url === null) return 'is not an address; write it in full, such as https://app.example.com';
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
  if (!isSafeAddress(url) && !(isHttpAllowed && url.protocol === 'http:'))
    return 'must start with https:// (http:// is for localhost, 127.0.0.1 and [::1] only)';
  if (url.hash !== '') return 'must not have a fragment (#…)';
  if (/[{}<>]|%7b/i.test(text))
    return 'has a placeholder; put what is yours in its place, such as the id of your tenant';
  if (url.hostname.includes('*') || /:\/\/.*:\/\//.test(text)) return 'must be one address';
  return null;
}

/**
 * Whether the host is this machine or a bare IP address: no name that a certificate of the public web would
 * be for.
 */
export function isBareHost(url: URL): boolean {
  return isLoopback(url) || url.hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(url.hostname);
}
