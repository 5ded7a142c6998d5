/** What the signed-in user is called: for what stands in for a page that failed (app/dashboard/signed-in-failure.tsx). */
import { userRoute } from 'strongroom';
import { nameOf } from '@/app/_components/user-name';
import { places } from '@/lib/places';

export const GET = userRoute({ returnTo: places.session }, async ({ session }) =>
  Response.json({ name: nameOf(session.user) }),
);
