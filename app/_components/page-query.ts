/** Reads what the query of a page says. Pure. */

export type PageQuery = Readonly<Record<string, string | string[] | undefined>>;

/** A parameter that is there once; a repeated one counts as absent. */
export function readSingle(query: PageQuery, name: string): string | null {
  const value = query[name];
  return typeof value === 'string' ? value : null;
}

/** The number of a page, from 1; anything that is not one is the first. */
export function readPageNumber(query: PageQuery): number {
  const text = readSingle(query, 'page') ?? '';
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 1;
}

/** An address of our own with the parameters that are set. */
export function buildAddress(path: string, parameters: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  return query.size === 0 ? path : `${path}?${query}`;
}
