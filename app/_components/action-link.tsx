/**
 * A link that does something: plain `<a>`, because signing in and refreshing must never be prefetched. Brass
 * once per page.
 */
import type { ReactNode } from 'react';

type Look = 'primary' | 'plain';

const looks: Record<Look, string> = {
  primary: 'bg-brass text-on-brass hover:bg-brass-deep',
  plain: 'border border-edge hover:bg-sheet',
};

export function ActionLink({
  href,
  look = 'primary',
  children,
}: {
  href: string;
  look?: Look;
  children: ReactNode;
}) {
  return (
    <a
      href={href}
      className={`inline-flex min-h-11 items-center rounded-control px-5 py-2 font-semibold ${looks[look]}`}
    >
      {children}
    </a>
  );
}
