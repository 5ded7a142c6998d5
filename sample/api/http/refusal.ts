/**
 * A request that this API turns down: what the caller may read, and what only the log may see.
 * Thrown anywhere below the router, turned into an answer by `answer-errors.ts` alone.
 */
import type { FieldError, ProblemCode } from './problem.ts';

export type RefusalOptions = {
  /** Safe to show. */
  detail?: string;
  /** For the log only; a short code, never a value that came from outside. */
  reason?: string;
  headers?: Record<string, string>;
  errors?: FieldError[];
};

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ProblemCode;
  readonly options: RefusalOptions;

  constructor(code: ProblemCode, options: RefusalOptions = {}) {
    super(options.detail ?? code);
    this.code = code;
    this.options = options;
  }
}
