/**
 * A front that makes browsers fetch pages ahead of a click, as a CDN does: it adds speculation rules to every
 * page, and notes what browsers asked for because of them.
 * @see Speculation-Rules (https://html.spec.whatwg.org/multipage/speculative-loading.html)
 */
import { createServer } from 'node:http';
import { passOn } from './edge.ts';

export type Speculation = 'prefetch' | 'prerender';
export type Eagerness = 'conservative' | 'moderate' | 'immediate';

export type SpeculatingFront = {
  /** What the rules of the next pages say. */
  rules: { kind: Speculation; eagerness: Eagerness };
  /** Every request ahead of a click that got its response, as `503 /auth/sign-in`. */
  answered: string[];
  close(): Promise<void>;
};

const rulesPath = '/speculation-rules.json';

/** Listens where `publicOrigin` says. */
export async function startSpeculatingFront(
  targetPort: number,
  publicOrigin: string,
): Promise<SpeculatingFront> {
  const front: SpeculatingFront = {
    rules: { kind: 'prefetch', eagerness: 'immediate' },
    answered: [],
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    if (request.url === rulesPath) {
      const { kind, eagerness } = front.rules;
      const text = JSON.stringify({ [kind]: [{ where: { href_matches: '/*' }, eagerness }] });
      response.writeHead(200, { 'content-type': 'application/speculationrules+json' }).end(text);
      return;
    }
    const path = request.url?.split('?', 1)[0];
    if (request.headers['sec-purpose'] !== undefined)
      response.once('finish', () => void front.answered.push(`${response.statusCode} ${path}`));
    response.setHeader('Speculation-Rules', `"${rulesPath}"`);
    passOn(request, response, targetPort, publicOrigin);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(new URL(publicOrigin).port), '127.0.0.1', resolve);
  });
  return front;
}
