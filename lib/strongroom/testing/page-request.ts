/** A request for a page, as what stands before pages describes it. Test support only. */
import type { PageRequest } from '../sign-in/guard-page';

type Given = { method?: string; headers?: Record<string, string> };

export function pageRequest(path: string, { method = 'GET', headers = {} }: Given = {}): PageRequest {
  const { pathname, search } = new URL(path, 'https://app.example');
  return { method, pathname, search, headers: new Headers(headers) };
}
