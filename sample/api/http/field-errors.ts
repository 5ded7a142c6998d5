/** What is wrong with which field, in the shape of the problem bodies: few, short, and never the value that was sent. */
import type { z } from 'zod';
import type { FieldError } from './problem.ts';

const maxErrors = 10;
const maxFieldCharacters = 60;

export function fieldErrorsOf(error: z.ZodError): FieldError[] {
  return error.issues.slice(0, maxErrors).map((issue) => {
    const isUnknownField = issue.code === 'unrecognized_keys';
    const path = isUnknownField ? issue.keys.slice(0, 1) : issue.path;
    return {
      field: path.map(String).join('.').slice(0, maxFieldCharacters),
      message: isUnknownField ? 'is not known here' : issue.message,
    };
  });
}
