/**
 * For a page that calls Next's `notFound()`; none here does. Next sends it along with every page, so it is small:
 * unknown addresses have global-not-found.tsx.
 */
export default function NotFound() {
  return <h1 className="p-8 text-title font-semibold">There is no page here</h1>;
}
