/** Reads forms of our pages. Whether one comes from there is asked by every action itself, since the proxy is only a comfort. @see requirements CS-01 */
import 'server-only';
import { headers } from 'next/headers';
import { isSameOriginRequest } from '../base/fetch-metadata';
import { logWarning } from '../base/log';
import { getConfig } from '../config/config';

export async function isSameOriginForm(): Promise<boolean> {
  const isOwn = isSameOriginRequest(await headers(), getConfig().appOrigin);
  if (!isOwn) logWarning('form_rejected', { code: 'cross_site_request', reason: 'cross_site_action' });
  return isOwn;
}

/** The text of a field; '' when there is none, or when what an action was called with is no form at all. */
export function readField(form: unknown, name: string): string {
  const value = form instanceof FormData ? form.get(name) : null;
  return typeof value === 'string' ? value : '';
}
