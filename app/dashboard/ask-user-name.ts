'use client';
/** Asks what the signed-in user is called, where no page has said it. */
import { withBasePath } from 'strongroom/client';
import { places } from '@/lib/places';

/** null: there was no response, or nobody is signed in. */
export async function askUserName(signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(withBasePath(places.userName), { cache: 'no-store', signal });
    return response.ok ? readName(await response.json()) : null;
  } catch {
    return null;
  }
}

function readName(body: unknown): string | null {
  const { name } = (body ?? {}) as { name?: unknown };
  return typeof name === 'string' ? name : null;
}
