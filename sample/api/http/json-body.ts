/** Reads a JSON body into a checked value, or refuses with the fields that are wrong. Bounded before by `request-limits.ts`. */
import { z } from 'zod';
import type { ApiContext } from './api-context.ts';
import { fieldErrorsOf } from './field-errors.ts';
import { Refusal } from './refusal.ts';
import { hasRepeatedKeys } from './repeated-keys.ts';

export async function readJsonBody<T>(c: ApiContext, schema: z.ZodType<T>): Promise<T> {
  if (mediaTypeOf(c) !== 'application/json')
    throw new Refusal('unsupported_media_type', { detail: 'Send the body as application/json.' });
  const outcome = z.safeParse(schema, parseJson(await c.req.text()));
  if (outcome.success) return outcome.data;
  throw new Refusal('invalid_body', { errors: fieldErrorsOf(outcome.error) });
}

/** The media type of the body in lower case without parameters, or '' when none is named. */
export function mediaTypeOf(c: ApiContext): string {
  return (c.req.header('content-type') ?? '').split(';', 1).join('').trim().toLowerCase();
}

function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal('malformed_json');
  }
  if (hasRepeatedKeys(text)) throw new Refusal('malformed_json', { detail: 'A key stands twice.' });
  return value;
}
