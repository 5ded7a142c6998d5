/** The section of the wanted page, which only the browser knows. Pure. */

const maxChars = 200;

/**
 * A link that starts signing in, and comes back to this section of the page too. The section travels in
 * `return_to`, which no other server sees.
 * @param fragment as `location.hash` says it: a redirect to this page keeps that of the wanted page
 */
export function withFragment(href: string, fragment: string): string {
  const [path = '', query = ''] = href.split('?', 2);
  const parameters = new URLSearchParams(query);
  const returnTo = parameters.get('return_to');
  const isUsable = /^#[\x21-\x7e]+$/.test(fragment) && fragment.length <= maxChars;
  if (!isUsable || returnTo === null || returnTo.includes('#')) return href;
  parameters.set('return_to', returnTo + fragment);
  return `${path}?${parameters}`;
}
