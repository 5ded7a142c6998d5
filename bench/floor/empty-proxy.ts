/** Next's proxy that does nothing: what Next itself spends on the way through it. */
import { NextResponse } from 'next/server';

export function proxy(): NextResponse {
  return NextResponse.next();
}

export const config = { matcher: ['/dashboard/:path*'] };
