'use client';
/** Asks what the newest message is now: what happened between the page and its stream shows by it. */
import { withBasePath } from 'strongroom/client';

export type Newest = { id: string | null; total: number };

/** null: there was no response, and nothing is known. */
export async function askNewest(signal: AbortSignal): Promise<Newest | null> {
  try {
    const headers = { 'x-strongroom': '1' };
    const response = await fetch(withBasePath('/api/gateway/messages?page=1&per_page=1'), {
      cache: 'no-store',
      headers,
      signal,
    });
    return response.ok ? readNewest(await response.json()) : null;
  } catch {
    return null;
  }
}

function readNewest(body: unknown): Newest | null {
  const { items, total } = (body ?? {}) as { items?: unknown; total?: unknown };
  if (!Array.isArray(items) || typeof total !== 'number') return null;
  const id: unknown = items[0]?.id;
  return { id: typeof id === 'string' ? id : null, total };
}
