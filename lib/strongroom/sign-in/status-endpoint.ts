/**
 * `GET /auth/status` tells our own pages whether the session of this browser is still active, so that they
 * notice when it ended elsewhere. It says yes or no and nothing else, refreshes nothing, and does not count
 * as being seen.
 */
import 'server-only';
import type { NextRequest } from 'next/server';
import { isPrefetch, isSameOriginRequest } from '../base/fetch-metadata';
import { getConfig } from '../config/config';
import { inspectSession } from '../session/load-session';
import { requestCookies } from '../session/next-cookies';
import { emptyResponse, rejectPrefetch } from './respond';

export const statusEndpoint = {
  async GET(request: NextRequest): Promise<Response> {
    if (isPrefetch(request.headers)) return rejectPrefetch();
    if (!isSameOriginRequest(request.headers, getConfig().appOrigin)) return emptyResponse(403);
    const { kind } = await inspectSession(await requestCookies());
    // A session that cannot be checked now is neither active nor over.
    if (kind === 'indeterminate') return emptyResponse(503);
    return emptyResponse(kind === 'active' ? 204 : 401);
  },
};
