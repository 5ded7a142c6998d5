/** Signing in and out: every route below `/auth`. */
import { authRoutes } from 'strongroom/routes';

export const { GET, HEAD, POST } = authRoutes({ pendingActions: {} });
