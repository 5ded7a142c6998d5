/** Runs what must fail and hands back the AppError it failed with. Test support only. */
import { AppError } from '../base/errors';

export async function appErrorOf(work: () => unknown): Promise<AppError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw new Error('failed with something else than an AppError', { cause: error });
  }
  throw new Error('was expected to fail and did not');
}

/** The same of what does not wait for anything. */
export function appErrorThrownBy(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw new Error('failed with something else than an AppError', { cause: error });
  }
  throw new Error('was expected to fail and did not');
}
