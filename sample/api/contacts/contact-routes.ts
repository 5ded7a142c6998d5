/** `GET /contacts`, `GET /contacts/export` and `GET /contacts/:id`. */
import { z } from 'zod';
import type { ApiContext } from '../http/api-context.ts';
import { pageOf, pageQuery, sliceOf } from '../http/page.ts';
import { readQuery } from '../http/query.ts';
import { Refusal } from '../http/refusal.ts';
import type { OwnerStore } from '../store/owner-store.ts';
import type { ContactStore } from './contact-store.ts';
import { csvContentType, printContacts } from './contacts-csv.ts';

const listQuery = z.object({
  q: z.string().max(200, 'must be at most 200 characters').default(''),
  ...pageQuery,
});

/** Far more than anybody has; an answer is never of any length. */
const maxExported = 10_000;

export function createContactRoutes(owners: OwnerStore, contacts: ContactStore) {
  return {
    list(c: ApiContext): Response {
      const query = readQuery(c, listQuery);
      const ownerId = owners.idOf(c.get('caller'));
      return c.json(pageOf(query, contacts.list(ownerId, query.q, sliceOf(query))));
    },
    exportAll(c: ApiContext): Response {
      const ownerId = owners.idOf(c.get('caller'));
      const { items } = contacts.list(ownerId, '', { limit: maxExported, offset: 0 });
      return c.body(printContacts(items), 200, {
        'content-type': csvContentType,
        'content-disposition': 'attachment; filename="contacts.csv"',
      });
    },
    /** Another user's contact is as absent as one that never was. */
    show(c: ApiContext): Response {
      const ownerId = owners.idOf(c.get('caller'));
      const contact = contacts.find(ownerId, c.req.param('id') ?? '');
      if (!contact) throw new Refusal('not_found', { detail: 'There is no such contact.' });
      return c.json(contact);
    },
  };
}
