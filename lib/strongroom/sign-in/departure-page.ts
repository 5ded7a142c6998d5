/**
 * The page between a sign-out and the authorization server. Browsers apply `form-action` to every redirect
 * after a form, and the server's logout may pass hosts that no policy can name, such as an identity provider
 * behind it. A page ends that chain and leads on by itself, with and without scripts.
 * @see CSP Level 3 §6.4.1 (form-action)
 */
import 'server-only';
import { getDeclaration } from '../config/declaration';

/** The address holds the ID token as a hint, so no cache keeps the page, and nothing else runs on it. */
const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
};

export function leadTo(url: URL): Response {
  const address = escapeHtml(url.href);
  const title = `Signing out · ${escapeHtml(getDeclaration().productName)}`;
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="0;url=${address}">
<title>${title}</title>
<main><h1>Signing out</h1>
<p>You are signed out here, and go on to the sign-in service.</p>
<p><a href="${address}">Continue</a></p></main>
</html>
`;
  return new Response(page, { headers });
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
