/**
 * What the browser is told about a bound session: which cookie it must hold, where it renews it, and which
 * requests wait for that.
 * @see Device Bound Session Credentials §9.6 to §9.9
 */
import 'server-only';
import { basePath, withBasePath } from '../base/base-path';
import { getConfig } from '../config/config';
import { boundCookieName } from '../session/cookies';
import { type Device, writeSessionIdentifier } from './session-identifier';

export const devicePaths = { register: '/auth/device/register', refresh: '/auth/device/refresh' } as const;

/** Without Max-Age, those of the cookie: where the two differ, the browser renews again and again. */
const cookieAttributes = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** They ask for no session, so none of them waits for a renewal. */
const outside = ['/_next/static', '/auth/device', '/healthz', '/readyz'];

type ScopeRule = { type: 'include' | 'exclude'; domain: string; path: string };

/** @param identifier as the browser knows the session already */
export function instructionFor(device: Device, identifier = writeSessionIdentifier(device)) {
  const name = boundCookieName(getConfig(), device.id);
  return {
    session_identifier: identifier,
    refresh_url: withBasePath(devicePaths.refresh),
    scope: { include_site: false, scope_specification: listRules() },
    credentials: [{ type: 'cookie', name, attributes: cookieAttributes }],
    // A link in a mail, and the way back from the authorization server: they wait for a renewal too.
    allowed_refresh_initiators: ['*'],
  };
}

/** Ends the session in the browser. */
export function endOf(identifier: string): object {
  return { session_identifier: identifier, continue: false };
}

/** The last rule that matches counts. Other applications of the same host have nothing to renew. */
function listRules(): ScopeRule[] {
  const domain = new URL(getConfig().appOrigin).hostname;
  const rule = (type: ScopeRule['type'], path: string): ScopeRule => ({ type, domain, path });
  const base = basePath();
  const within = base === '' ? [] : [rule('exclude', '/'), rule('include', base)];
  return [...within, ...outside.map((path) => rule('exclude', withBasePath(path)))];
}
