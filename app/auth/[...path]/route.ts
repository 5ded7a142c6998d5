/** Signing in and out: every route below `/auth`. */
import { authRoutes } from 'strongroom/routes';
import { pendingActionRunners } from '@/app/dashboard/confirm/pending-action-runners';

export const { GET, HEAD, POST } = authRoutes({ pendingActions: pendingActionRunners });
