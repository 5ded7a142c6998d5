/**
 * For a page that calls Next's `notFound()`; none here does. Next sends it along with every page, so it is small:
 * unknown addresses have global-not-found.tsx.
 */
import { PageLink } from '@/app/_components/page-link';
import { places } from '@/lib/places';

export default function NotFound() {
  return (
    <main className="space-y-4 p-8">
      <h1 className="text-title font-semibold">There is no page here</h1>
      <PageLink href={places.home} className="link">
        Home
      </PageLink>
    </main>
  );
}
