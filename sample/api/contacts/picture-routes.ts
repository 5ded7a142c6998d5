/** `GET /contacts/:id/picture` and `PUT /contacts/:id/picture`. */
import { tooManyRequests } from '../http/answer-errors.ts';
import type { ApiContext } from '../http/api-context.ts';
import { type Log, pseudonymOf } from '../http/log.ts';
import { createPlaces } from '../http/places.ts';
import { Refusal } from '../http/refusal.ts';
import type { OwnerStore } from '../store/owner-store.ts';
import type { ContactStore } from './contact-store.ts';
import { maxPicturesPerOwner } from './picture.ts';
import { readPicture } from './picture-body.ts';
import type { PictureStore } from './picture-store.ts';

export type PictureRouteParts = {
  owners: OwnerStore;
  contacts: ContactStore;
  pictures: PictureStore;
  log: Log;
};

// Each upload is held in memory until it is whole.
const uploadPlaces = { perOwner: 4, total: 64 };
const placeWaitSec = 2;

export function createPictureRoutes({ owners, contacts, pictures, log }: PictureRouteParts) {
  const uploads = createPlaces(uploadPlaces);

  return {
    show(c: ApiContext): Response {
      const picture = pictures.find(owners.idOf(c.get('caller')), idOf(c));
      if (!picture) throw new Refusal('not_found', { detail: 'There is no such picture.' });
      // Kept by the browser of its user alone, and asked about each time: it may have been replaced.
      const headers = { etag: picture.etag, 'cache-control': 'private, no-cache' };
      if (isKnown(c.req.header('if-none-match'), picture.etag)) return c.body(null, 304, headers);
      return c.body(picture.bytes, 200, { ...headers, 'content-type': picture.type });
    },
    async put(c: ApiContext): Promise<Response> {
      const caller = c.get('caller');
      const ownerId = owners.idOf(caller);
      const id = idOf(c);
      // Another user's contact is as absent as one that never was.
      if (!contacts.find(ownerId, id))
        throw new Refusal('not_found', { detail: 'There is no such contact.' });
      const giveBack = uploads.take(ownerId);
      if (giveBack === null) throw tooManyRequests(placeWaitSec, 'upload_limit');
      const picture = await readPicture(c).finally(giveBack);
      const etag = pictures.put(ownerId, id, picture);
      if (etag === null) throw noRoom();
      log('picture_stored', { user: pseudonymOf(caller.issuer, caller.subject), contact: id });
      return c.body(null, 204, { etag });
    },
  };
}

function idOf(c: ApiContext): string {
  return c.req.param('id') ?? '';
}

/** Whether the client has these bytes already. @see RFC 9110 §13.1.2 */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

function noRoom(): Refusal {
  return new Refusal('too_many_pictures', {
    detail: `At most ${maxPicturesPerOwner} contacts have a picture.`,
  });
}
