/** Pages of a list: which one is asked for, and the shape in which it is answered. */
import { z } from 'zod';

const defaultPerPage = 20;
const maxPerPage = 100;
const maxPage = 1_000_000;

export const pageQuery = {
  page: wholeNumber(maxPage).default(1),
  per_page: wholeNumber(maxPerPage).default(defaultPerPage),
};

export type PageRequest = { page: number; per_page: number };
export type Page<T> = { items: T[]; page: number; per_page: number; total: number };
/** The part of a list that the database is asked for. */
export type Slice = { limit: number; offset: number };

export function sliceOf({ page, per_page }: PageRequest): Slice {
  return { limit: per_page, offset: (page - 1) * per_page };
}

export function pageOf<T>(request: PageRequest, found: { items: T[]; total: number }): Page<T> {
  return { items: found.items, page: request.page, per_page: request.per_page, total: found.total };
}

function wholeNumber(max: number) {
  const message = `must be a whole number from 1 to ${max}`;
  return z
    .string()
    .regex(/^[1-9]\d{0,8}$/, message)
    .transform(Number)
    .refine((value) => value <= max, message);
}
