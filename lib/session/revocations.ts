/** Sessions that were ended before their time: a copy of their cookie is refused, and no refresh under way brings them back. */
import 'server-only';
import { nowSec } from '@/lib/base/clock';
import { currentStore } from '@/lib/store/current-store';
import type { Session } from './session';

/** Holds until the session would have ended by itself. */
export async function revokeSession({ id, endsAtSec }: Session): Promise<void> {
  await currentStore().set(`revoked:${id}`, 'signed_out', Math.max(1, endsAtSec - nowSec()) * 1000);
}

export async function isRevoked({ id }: Session): Promise<boolean> {
  return (await currentStore().get(`revoked:${id}`)) !== null;
}
