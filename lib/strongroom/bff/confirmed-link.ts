/**
 * For links to routes in browsers that say nothing about where a click comes from. A page with the same link
 * in another site looks just like ours then, and a GET may start something, such as a step-up: so the link
 * must hold a value that no other site knows, and a page of ours asks for one more click on it.
 * @see session/start-confirmation.ts, RFC 10017 §6.1.3.3
 */
import 'server-only';
import { requestCookies } from '../session/next-cookies';
import { askForConfirmation, isConfirmed } from '../session/start-confirmation';
import { respondWithPlainPage } from '../sign-in/plain-page';

export const oneMoreClick =
  'Your browser does not say where a click comes from, so one more is needed here. If this page comes back after it, allow cookies for this site.';

/** @returns null when the link of this request is confirmed, else the page that asks */
export async function askToConfirm(request: Request): Promise<Response | null> {
  const jar = await requestCookies();
  const query = new URL(request.url).searchParams;
  const [confirm = null, ...more] = query.getAll('confirm');
  if (more.length === 0 && isConfirmed(jar, confirm)) return null;
  query.set('confirm', askForConfirmation(jar));
  return respondWithPlainPage({
    heading: 'One more click',
    texts: [oneMoreClick],
    // Relative: the same address with another query.
    links: [{ name: 'Continue', address: `?${query}` }],
  });
}
