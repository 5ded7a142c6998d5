/** All contacts as a file (RFC 4180). When the API wants a fresh sign-in first, the export waits. @see RFC 9470 */
import { pendingActions, userRoute, withBasePath } from 'strongroom';
import { exportContacts } from '@/lib/api/contacts';
import { places } from '@/lib/places';

export const GET = userRoute({ returnTo: places.contacts }, async ({ isPage }) => {
  const result = await exportContacts();
  if (result.kind !== 'ok') {
    // "Save link as": the file fails, and no page waits for its user.
    if (!isPage) return new Response(null, { status: result.kind === 'unavailable' ? 503 : 403 });
    await pendingActions.keep({ name: 'export_contacts', input: {} }, result);
    return new Response(null, { status: 303, headers: { location: withBasePath(places.confirm) } });
  }
  // The export that waited is done: coming back to its page starts nothing any more.
  await pendingActions.remove();
  // A file under our name that no browser shows as a page, whatever the API says of it.
  return new Response(result.value, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="contacts.csv"',
    },
  });
});
