/** The API of the benches: always the same rows, and no work. */
import type { RequestListener } from 'node:http';

const updatedAt = '2026-01-31T12:00:00+00:00';

function buildRows<T>(count: number, build: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, at) => build(at + 1));
}

function buildContact(number: number) {
  return {
    id: `c-${number}`,
    name: `Ada Lovelace ${number}`,
    company: `Company ${number}`,
    role: 'Engineer',
    email: `ada${number}@example.com`,
    phone: `+44 20 7946 0${number}`,
    city: 'London',
    country: 'United Kingdom',
    notes: 'Met at the conference; asked for the second volume.',
    updated_at: updatedAt,
  };
}

function buildMessage(number: number) {
  const text = 'The engine weaves algebraic patterns as the loom weaves flowers and leaves.';
  const author = { name: `Ada ${number}` };
  return { id: `m-${number}`, author, text, created_at: updatedAt, mine: number % 2 === 0 };
}

function buildPage(items: readonly unknown[]): string {
  return JSON.stringify({ items, page: 1, per_page: items.length, total: items.length });
}

const bodies: Readonly<Record<string, string>> = {
  people: JSON.stringify({
    items: buildRows(50, buildContact).map(({ id, name, company, role, email, city }) => ({
      ...{ id, name, company, role, email, city },
    })),
  }),
  contacts: buildPage(buildRows(20, buildContact)),
  messages: buildPage(buildRows(20, buildMessage)),
};

export const respondAsApi: RequestListener = ({ url = '' }, response) => {
  const body = bodies[url.split('?', 1)[0]?.slice(1) ?? ''];
  response
    .writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    .end(body ?? '{}');
};
