/** The way through a longer list, by links: it works without JavaScript and each page has its own address. */
import { PageLink } from './page-link';

type Pages = {
  page: number;
  perPage: number;
  total: number;
  /** The address of another page of the same list. */
  hrefOf: (page: number) => string;
};

export function Pagination({ page, perPage, total, hrefOf }: Pages) {
  const last = countPages(total, perPage);
  if (last === 1 && page === 1) return null;
  return (
    <nav aria-label="Pages" className="mt-6 flex items-center justify-between gap-2">
      <Step href={page > 1 ? hrefOf(Math.min(page - 1, last)) : null} label="Previous" />
      <p className="text-small whitespace-nowrap text-soft">
        Page {page} of {last}
      </p>
      <Step href={page < last ? hrefOf(page + 1) : null} label="Next" />
    </nav>
  );
}

function Step({ href, label }: { href: string | null; label: string }) {
  const look = 'inline-flex min-h-11 min-w-20 items-center';
  const side = label === 'Next' ? 'justify-end' : '';
  if (href === null) return <span aria-hidden="true" className={look} />;
  return (
    <PageLink href={href} className={`link ${look} ${side}`}>
      {label}
    </PageLink>
  );
}

export function countPages(total: number, perPage: number): number {
  return Math.max(1, Math.ceil(total / Math.max(1, perPage)));
}
