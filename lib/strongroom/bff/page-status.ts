/** The status of a page that is shown all the same. */
import 'server-only';
import { setResponseStatus } from '../base/current-response';

/**
 * The page that is being rendered is shown with the status 404. Next’s own `notFound()` would send an empty page to
 * browsers without JavaScript.
 * @example
 * if (result.kind === 'not_found') markNotFound();
 */
export function markNotFound(): void {
  setResponseStatus(404);
}
