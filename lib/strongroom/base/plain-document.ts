/**
 * A page that needs nothing but itself: a heading, sentences and links, for what the application has no page
 * for. Pure.
 */

export type PlainDocument = {
  productName: string;
  heading: string;
  texts: readonly string[];
  links: readonly { name: string; address: string }[];
  /** In small print. */
  note?: string | null;
  /** Where the browser goes by itself, with and without scripts. */
  leadsTo?: string | null;
};

export const plainStyle = [
  ':root{color-scheme:light dark}',
  'body{margin:0 auto;padding:4rem 1.25rem;max-width:40rem;font:1rem/1.5 system-ui,sans-serif}',
  'h1{margin:0 0 1.5rem;font-size:1.75rem;line-height:1.2}p{margin:.5rem 0}small{font-size:.875rem}',
  'a{display:inline-block;margin-right:1.5rem;padding:.625rem 0;color:inherit}',
].join('');

/** The hash of that style, as a source of a content security policy. @see CSP Level 3 §2.3.1 */
export const plainStyleSource = "'sha256-K9b8VZGOdE9V6qnKwv43HsdljSICxAjzK91Qqj+sVUs='";

/** Nothing runs on the page, and nothing but its own style is taken. */
export const plainPolicy = `default-src 'none'; style-src ${plainStyleSource}; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** Its icon is empty, or browsers would ask for one. */
export function renderPlainDocument(document: PlainDocument): string {
  const { productName, heading, texts, links, note = null, leadsTo = null } = document;
  const refresh =
    leadsTo === null ? '' : `<meta http-equiv="refresh" content="0;url=${escapeHtml(leadsTo)}">\n`;
  const paragraphs = texts.map((text) => `<p>${escapeHtml(text)}</p>\n`).join('');
  const anchors = links.map(
    ({ name, address }) => `<a href="${escapeHtml(address)}">${escapeHtml(name)}</a>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex"><link rel="icon" href=data:,>
${refresh}<title>${escapeHtml(heading)} · ${escapeHtml(productName)}</title>
<style>${plainStyle}</style>
<main><h1>${escapeHtml(heading)}</h1>
${paragraphs}<p>${anchors.join(' ')}</p>
${note === null ? '' : `<p><small>${escapeHtml(note)}</small></p>\n`}</main>
</html>
`;
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
