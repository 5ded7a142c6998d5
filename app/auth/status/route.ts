/**
 * Whether the session of this browser still holds: asked by our own pages, which notice so that it ended elsewhere. It says yes or no and
 * nothing else, renews nothing, and keeps nobody signed in.
 */
import type { NextRequest } from 'next/server';
import { isSameOriginRequest } from '@/lib/strongroom/base/fetch-metadata';
import { getConfig } from '@/lib/strongroom/config/config';
import { loadSession } from '@/lib/strongroom/session/load-session';
import { requestCookies } from '@/lib/strongroom/session/next-cookies';
import { answerNothing } from '../../../lib/strongroom/sign-in/respond';

export async function GET(request: NextRequest): Promise<Response> {
  if (!isSameOriginRequest(request.headers, getConfig().appOrigin)) return answerNothing(403);
  const { kind } = await loadSession(await requestCookies());
  // What cannot be checked now is not over.
  return answerNothing(kind === 'session' || kind === 'unchecked' ? 204 : 401);
}
