/** A page of the core that no page of the adopter can stand in for: a heading, a sentence and one link. */
import 'server-only';
import { getDeclaration } from '../config/declaration';

type PlainPage = {
  heading: string;
  text: string;
  /** Of the link "Continue". */
  address: string;
  /** Whether the browser goes there by itself, with and without scripts. */
  leadsOn: boolean;
};

/**
 * The address may hold what no other page should see, so no cache keeps the page, and nothing runs on it. Its icon is
 * empty, or browsers would ask for one.
 */
const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
};

export function respondWithPlainPage({ heading, text, address, leadsOn }: PlainPage): Response {
  const target = escapeHtml(address);
  const refresh = leadsOn ? `<meta http-equiv="refresh" content="0;url=${target}">\n` : '';
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<link rel="icon" href=data:,>
${refresh}<title>${heading} · ${escapeHtml(getDeclaration().productName)}</title>
<main><h1>${heading}</h1>
<p>${text}</p>
<p><a href="${target}">Continue</a></p></main>
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
