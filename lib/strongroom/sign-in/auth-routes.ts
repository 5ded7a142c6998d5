/**
 * Every route below `/auth`, by its path: what the one mount in the adopter's `app/auth/[...path]/route.ts`
 * serves.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import type { defaultPages } from '../config/declaration';
import { registrationEndpoint } from '../device/registration';
import { renewalEndpoint } from '../device/renewal';
import { devicePaths } from '../device/session-instruction';
import type { AuthRoute } from '../server/validate-request';
import { backChannelLogoutEndpoint } from './back-channel-logout-endpoint';
import { callbackEndpoint, type RunAfterSignIn } from './callback-endpoint';
import { refreshEndpoint } from './refresh-endpoint';
import { signInEndpoint } from './sign-in-endpoint';
import { signOutEndpoint } from './sign-out-endpoint';
import { statusEndpoint } from './status-endpoint';

type Method = 'GET' | 'HEAD' | 'POST';
type Handler = (request: NextRequest) => Response | Promise<Response>;
type Endpoint = Partial<Record<Method, Handler>>;

/** Those that the adopter may have declared pages for. */
export type DefaultPages = Record<(typeof defaultPages)[keyof typeof defaultPages], Endpoint>;

/** Handlers for Next, one for each method. */
export function mountAuthRoutes(runPending: RunAfterSignIn, pages: DefaultPages): Record<Method, Handler> {
  const served: Readonly<Record<AuthRoute, Endpoint>> = {
    '/auth/back-channel-logout': backChannelLogoutEndpoint,
    '/auth/callback/provider': callbackEndpoint(runPending),
    ...pages,
    [devicePaths.register]: registrationEndpoint,
    [devicePaths.refresh]: renewalEndpoint,
    '/auth/refresh': refreshEndpoint,
    '/auth/sign-in': signInEndpoint,
    '/auth/sign-out': signOutEndpoint,
    '/auth/status': statusEndpoint,
  };
  const endpoints: Readonly<Record<string, Endpoint | undefined>> = served;
  const handle = (method: Method) => (request: NextRequest) => {
    const { pathname } = request.nextUrl;
    const endpoint = Object.hasOwn(endpoints, pathname) ? endpoints[pathname] : undefined;
    if (endpoint === undefined) return new Response(null, { status: 404 });
    return (endpoint[method] ?? (method === 'HEAD' ? endpoint.GET : undefined) ?? rejectMethod)(request);
  };
  return { GET: handle('GET'), HEAD: handle('HEAD'), POST: handle('POST') };

  function rejectMethod(request: NextRequest): Response {
    const allow = Object.keys(endpoints[request.nextUrl.pathname] ?? {}).join(', ');
    return new Response(null, { status: 405, headers: { allow } });
  }
}
