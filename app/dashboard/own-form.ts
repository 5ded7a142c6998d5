/** Reads forms of our pages. Whether one comes from there is asked by every action itself, since the proxy is only a comfort. @see requirements CS-01 */
import 'server-only';
import { headers } from 'next/headers';
import { isOwnRequest } from '@/lib/auth/same-origin';
import { logWarning } from '@/lib/base/log';
import { getConfig } from '@/lib/config/config';

export async function isOwnForm(): Promise<boolean> {
  const isOwn = isOwnRequest(await headers(), getConfig().appOrigin);
  if (!isOwn) logWarning('form_refused', { code: 'cross_site_request', reason: 'foreign_action' });
  return isOwn;
}

/** The text of a field; '' when there is none, or when what an action was called with is no form at all. */
export function readField(form: unknown, name: string): string {
  const value = form instanceof FormData ? form.get(name) : null;
  return typeof value === 'string' ? value : '';
}
