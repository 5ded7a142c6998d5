/** A user that no test has seen before, with the calls that tests of contacts' pictures make. */
import type { Contact } from '../contacts/contact.ts';
import type { PictureType } from '../contacts/picture.ts';
import type { Page } from '../http/page.ts';
import type { TestApi } from './test-api.ts';

export const beginnings: Record<PictureType, number[]> = {
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  'image/jpeg': [0xff, 0xd8, 0xff, 0xe0],
  'image/webp': [...Buffer.from('RIFF\x10\0\0\0WEBP')],
};

/** Bytes that begin as a picture of this type does. */
export function inventPicture(type: PictureType, size = 1_000): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size).fill(7);
  bytes.set(beginnings[type]);
  return bytes;
}

type Upload = { type?: string; body: BodyInit; headers?: Record<string, string>; path?: string };

export type PictureUser = {
  token: string;
  /** The path of the user's first contact. */
  contact: string;
  listContacts(): Promise<Contact[]>;
  /** Of the first contact unless another path is named. */
  put(upload: Upload): Promise<Response>;
  get(headers?: Record<string, string>, path?: string): Promise<Response>;
};

export async function createPictureUser(api: TestApi): Promise<PictureUser> {
  const token = await api.token({ sub: crypto.randomUUID(), scope: 'read:contacts write:contacts' });
  const authorization = `Bearer ${token}`;
  async function listContacts(): Promise<Contact[]> {
    const response = await api.get('/contacts?per_page=100', token);
    return ((await response.json()) as Page<Contact>).items;
  }
  const contact = `/contacts/${(await listContacts())[0]?.id}`;
  return {
    token,
    contact,
    listContacts,
    put: ({ type = 'image/png', body, headers, path = contact }) => {
      const init = { method: 'PUT', headers: { authorization, 'content-type': type, ...headers }, body };
      return fetch(`${api.identifier}${path}/picture`, { ...init, duplex: 'half' } as RequestInit);
    },
    get: (headers, path = contact) => api.get(`${path}/picture`, { authorization, ...headers }),
  };
}
