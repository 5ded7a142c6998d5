/** Entry point `strongroom/server`, for the adopter's `instrumentation.ts`. */
import 'server-only';

export type { RejectionPage } from './server/rejection';
export { reportRequestError } from './server/report-request-error';
export { startServer } from './sign-in/start-server';
