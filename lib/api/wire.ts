/** Shapes that every wire type of the API shares. Pure. */
import { z } from 'zod';

/** A part of a longer list. `page` counts from 1. */
export type Page<T> = { items: T[]; page: number; perPage: number; total: number };

/** Text of the API: a string, or nothing, cut to what a page can show. */
export function wireText(maxChars: number) {
  return z
    .string()
    .nullish()
    .transform((text) => (text ?? '').slice(0, maxChars));
}

/** A moment, ISO 8601 with offset. */
export const wireTime = z.iso.datetime({ offset: true }).max(40);

const count = z.number().int().min(0).max(1_000_000_000);

/** `{ items, page, per_page, total }` */
export function pageSchema<T>(item: z.ZodType<T>): z.ZodType<Page<T>> {
  return z
    .object({ items: z.array(item).max(200), page: count, per_page: count, total: count })
    .transform(({ items, page, per_page, total }): Page<T> => ({ items, page, perPage: per_page, total }));
}
