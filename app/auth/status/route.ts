/**
 * Whether the session of this browser is still active. Our own pages ask, to notice that it was revoked elsewhere. The response says yes or
 * no and nothing else; asking refreshes no token and does not count as a visit.
 */
import type { NextRequest } from 'next/server';
import { isSameOriginRequest } from '@/lib/strongroom/base/fetch-metadata';
import { getConfig } from '@/lib/strongroom/config/config';
import { inspectSession } from '@/lib/strongroom/session/load-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { answerNothing } from '../../../lib/strongroom/sign-in/respond';

export async function GET(request: NextRequest): Promise<Response> {
  if (!isSameOriginRequest(request.headers, getConfig().appOrigin)) return answerNothing(403);
  const { kind } = await inspectSession(await requestCookies());
  // An indeterminate session may well be active: a page must not say that it has ended.
  return answerNothing(kind === 'active' || kind === 'indeterminate' ? 204 : 401);
}
