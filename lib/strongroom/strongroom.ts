/**
 * What pages, actions and typed API functions of the adopter import. No token leaves through here. Mounts
 * have entry points of their own: `strongroom/server`, `strongroom/proxy` and `strongroom/routes`.
 */
import 'server-only';

export type { FieldProblem } from './api/api-result';
export { withBasePath } from './base/base-path';
export type { ErrorCode } from './base/errors';
export type { Rejection } from './bff/admit-user';
export { type CallResult, callApi } from './bff/call-api';
export { drafts } from './bff/drafts';
export { currentSession, listOtherSessions, requireSession } from './bff/page-session';
export { type PendingActionRunner, type PendingActionView, pendingActions } from './bff/pending-actions';
export { describePermission } from './bff/permissions';
export { requireRole } from './bff/require-role';
export type { SessionView } from './bff/session-view';
export { getSettings, type Settings } from './bff/settings';
export { readProblem, readSignInQuery } from './bff/sign-in-pages';
export { stepUpPath } from './bff/step-up-path';
export type { ActionForm } from './bff/user-action';
export { userAction } from './bff/user-action';
export { userRoute } from './bff/user-route';
export type { ApiName, Declaration, Permission, Register } from './config/declaration';
export type { Protections } from './oauth/protections';
export type { AuthenticationRequirement } from './session/authentication-requirement';
export type { SignInReason } from './session/loaded-session';
export { startSignInPath } from './sign-in/paths';
