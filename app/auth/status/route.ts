/**
 * Whether the session of this browser still holds: asked by our own pages, which notice so that it ended elsewhere. It says yes or no and
 * nothing else, renews nothing, and keeps nobody signed in.
 */
import type { NextRequest } from 'next/server';
import { isOwnRequest } from '@/lib/auth/same-origin';
import { getConfig } from '@/lib/config/config';
import { lookUpSession } from '@/lib/session/look-up-session';
import { requestCookies } from '@/lib/session/next-cookies';
import { answerNothing } from '../respond';

export async function GET(request: NextRequest): Promise<Response> {
  if (!isOwnRequest(request.headers, getConfig().appOrigin)) return answerNothing(403);
  const { kind } = await lookUpSession(await requestCookies());
  // What cannot be checked now is not over.
  return answerNothing(kind === 'session' || kind === 'unchecked' ? 204 : 401);
}
