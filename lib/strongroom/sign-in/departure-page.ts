/**
 * The page between a sign-out and the authorization server. Browsers apply `form-action` to every redirect
 * after a form, and the server's logout may pass hosts that no policy can name, such as an identity provider
 * behind it. A page ends that chain and leads on by itself; its address holds the ID token as a hint.
 * @see CSP Level 3 §6.4.1 (form-action)
 */
import 'server-only';
import { respondWithPlainPage } from './plain-page';

export function leadTo(url: URL): Response {
  return respondWithPlainPage({
    heading: 'Signing out',
    texts: ['You are signed out here, and go on to the sign-in service.'],
    links: [{ name: 'Continue', address: url.href }],
    leadsTo: url.href,
  });
}
