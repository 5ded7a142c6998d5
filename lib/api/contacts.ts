/** The user's contacts, from `GET /contacts` and `GET /contacts/{id}`. */
import 'server-only';
import { type CallResult, callApi } from 'strongroom';
import { z } from 'zod';
import { type Page, pageSchema, wireText, wireTime } from './wire';

export type Contact = {
  id: string;
  name: string;
  company: string;
  role: string;
  email: string;
  phone: string;
  city: string;
  country: string;
  notes: string;
  /** ISO 8601 with offset. */
  updatedAt: string;
  /** null while the contact has no picture. */
  pictureUpdatedAt: string | null;
};

const contactSchema = z
  .object({
    id: wireText(64),
    name: wireText(200),
    company: wireText(200),
    role: wireText(200),
    email: wireText(254),
    phone: wireText(64),
    city: wireText(200),
    country: wireText(200),
    notes: wireText(4_000),
    updated_at: wireTime,
    picture_updated_at: wireTime.nullish(),
  })
  .transform(
    ({ updated_at, picture_updated_at, ...contact }): Contact => ({
      ...contact,
      updatedAt: updated_at,
      pictureUpdatedAt: picture_updated_at ?? null,
    }),
  );
/** Made once: Zod compiles a schema when it is first used. */
const contactPageSchema = pageSchema(contactSchema);

const contactsPerPage = 20;

/** @param page counts from 1 */
export function searchContacts({
  query,
  page,
}: {
  query: string;
  page: number;
}): Promise<CallResult<Page<Contact>>> {
  const parameters = { q: query, page: String(page), per_page: String(contactsPerPage) };
  return callApi({ method: 'GET', path: ['contacts'], query: parameters }, contactPageSchema);
}

export function getContact(id: string): Promise<CallResult<Contact>> {
  return callApi({ method: 'GET', path: ['contacts', id] }, contactSchema);
}

/** Every contact as a table (CSV, RFC 4180). The API asks for a sign-in that is only minutes old. */
export function exportContacts(): Promise<CallResult<string>> {
  return callApi({ method: 'GET', path: ['contacts', 'export'], accept: 'text/csv' }, z.string());
}
