/** Which of the configured permissions a session has. Pure. */
import { listPermissions } from '@/lib/api/permissions';
import type { Session } from '@/lib/strongroom/session/session';
import type { PermissionState } from './permission-list';

export function validatePermissions(configured: readonly string[], { tokens }: Session): PermissionState[] {
  // Some servers grant `offline_access` without naming it among the scopes: the refresh token says so.
  const isGranted = (scope: string) =>
    tokens.scopes.includes(scope) || (scope === 'offline_access' && tokens.refreshToken !== null);
  return listPermissions(configured).map((permission) => ({
    ...permission,
    isGranted: isGranted(permission.scope),
  }));
}
