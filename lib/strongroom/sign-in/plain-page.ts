/** A page of the core that no page of the adopter stands in for: a heading, sentences and links. */
import 'server-only';
import { type PlainDocument, plainPolicy, renderPlainDocument } from '../base/plain-document';
import { getDeclaration } from '../config/declaration';

/** The address may hold what no other page should see, so no cache keeps the page. */
const headers = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': plainPolicy,
  'Cache-Control': 'no-store',
};

type PlainPage = Omit<PlainDocument, 'productName'>;

export function respondWithPlainPage(page: PlainPage, status = 200): Response {
  const { productName } = getDeclaration();
  return new Response(renderPlainDocument({ ...page, productName }), { status, headers });
}
