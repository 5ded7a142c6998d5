'use client';
/** Sends a picture of a contact through the API gateway. Never fails: what went wrong is one of the outcomes. */
import { withBasePath } from 'strongroom/client';
import { findPictureType, maxPictureBytes } from './picture-file';

export type PictureOutcome =
  | 'stored'
  | 'nothing_chosen'
  | 'too_large'
  | 'wrong_type'
  | 'too_many'
  | 'permission_needed'
  | 'access_denied'
  | 'session_over'
  | 'contact_gone'
  | 'rate_limited'
  | 'unavailable';

const outcomeOfCode: Readonly<Record<string, PictureOutcome>> = {
  body_too_large: 'too_large',
  unsupported_media_type: 'wrong_type',
  conflict: 'too_many',
  insufficient_scope: 'permission_needed',
  access_denied: 'access_denied',
  login_required: 'session_over',
  not_found: 'contact_gone',
  rate_limited: 'rate_limited',
};

const timeoutMs = 40_000;

export async function sendPicture(contactId: string, file: File | null): Promise<PictureOutcome> {
  if (file === null) return 'nothing_chosen';
  if (file.size > maxPictureBytes) return 'too_large';
  try {
    const type = await findPictureType(file);
    if (type === null) return 'wrong_type';
    const address = withBasePath(`/api/gateway/contacts/${encodeURIComponent(contactId)}/picture`);
    const response = await fetch(address, {
      method: 'PUT',
      headers: { 'x-strongroom': '1', 'content-type': type },
      body: file,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return 'stored';
    const { code } = (await response.json()) as { code?: unknown };
    return outcomeOfCode[String(code)] ?? 'unavailable';
  } catch {
    return 'unavailable';
  }
}
