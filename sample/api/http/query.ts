/** Reads the query into a checked value. A parameter that stands twice is refused: nobody can say which one was meant. */
import { z } from 'zod';
import type { ApiContext } from './api-context.ts';
import { fieldErrorsOf } from './field-errors.ts';
import type { FieldError } from './problem.ts';
import { Refusal } from './refusal.ts';

export function readQuery<T>(c: ApiContext, schema: z.ZodType<T>): T {
  const parameters = new URL(c.req.url).searchParams;
  const repeated = findRepeated(parameters);
  if (repeated.length > 0) throw new Refusal('invalid_query', { errors: repeated });
  const outcome = z.safeParse(schema, Object.fromEntries(parameters));
  if (outcome.success) return outcome.data;
  throw new Refusal('invalid_query', { errors: fieldErrorsOf(outcome.error) });
}

function findRepeated(parameters: URLSearchParams): FieldError[] {
  const names = [...parameters.keys()];
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...repeated].slice(0, 10).map((name) => ({ field: name.slice(0, 60), message: 'stands twice' }));
}
