/** Entry point `strongroom/server`, for the adopter's `instrumentation.ts`. */
import 'server-only';

export { reportRequestError } from './server/report-request-error';
export { startServer } from './server/start-server';
