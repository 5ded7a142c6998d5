/** Recently opened seals, remembered by the SHA-256 of their text: proxy and page open a cookie once between them. Bounded. */
import 'server-only';
import { createHash } from 'node:crypto';
import { BoundedMap } from '../base/bounded-map';
import { processSingleton } from '../base/process-singleton';
import type { Purpose } from './keys';
import { unseal } from './seal';

const rememberedMs = 60_000;
const maxRemembered = 4_000;

/** What `parse` reads from the seal, or null when it is not one of ours. `parse` judges no time: its answer is remembered. */
export async function openOnce<T>(
  purpose: Purpose,
  text: string,
  { lifetimeSec, parse }: { lifetimeSec: number; parse: (data: unknown) => T | null },
): Promise<T | null> {
  if (text === '') return null;
  const mark = `${purpose} ${createHash('sha256').update(text).digest('base64url')}`;
  const known = opened().get(mark) as T | null;
  if (known !== null) return known;
  const value = parse(await unseal(purpose, text, lifetimeSec));
  if (value !== null) opened().set(mark, value, rememberedMs);
  return value;
}

function opened(): BoundedMap<unknown> {
  return processSingleton('opened-seals', () => new BoundedMap<unknown>(maxRemembered));
}
