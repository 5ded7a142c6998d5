/** Seals that were opened within the last minute, by the SHA-256 of their text: a cookie that comes with every request is opened once. */
import 'server-only';
import { createHash } from 'node:crypto';
import { BoundedMap } from '../base/bounded-map';
import { processSingleton } from '../base/process-singleton';
import type { Purpose } from './keys';
import { openSeal, type SealProblem } from './seal';

const keptMs = 60_000;
const maxKept = 4_000;

/** `shape_unknown`: the seal is ours, and what it holds was written by another version. */
export type Unsealed<T> =
  | { kind: 'opened'; value: T }
  | { kind: 'rejected'; reason: SealProblem | 'shape_unknown' };

/** @param parse must not depend on the time, because its result is kept; null when the data has another shape */
export async function openOnce<T>(
  purpose: Purpose,
  text: string,
  { lifetimeSec, parse }: { lifetimeSec: number; parse: (data: unknown) => T | null },
): Promise<Unsealed<T>> {
  const key = `${purpose} ${createHash('sha256').update(text).digest('base64url')}`;
  const kept = unsealed().get(key) as T | null;
  if (kept !== null) return { kind: 'opened', value: kept };
  const opened = await openSeal(purpose, text, lifetimeSec);
  if (opened.kind === 'rejected') return opened;
  const value = parse(opened.data);
  if (value === null) return { kind: 'rejected', reason: 'shape_unknown' };
  unsealed().set(key, value, keptMs);
  return { kind: 'opened', value };
}

function unsealed(): BoundedMap<unknown> {
  return processSingleton('unsealed-cache', () => new BoundedMap<unknown>(maxKept));
}
