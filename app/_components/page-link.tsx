/**
 * A link to another page: plain `<a>`. The framework’s own would load its router’s scripts on each page, and take the
 * time of two pages to render a long list.
 */
import type { ReactNode } from 'react';
import { withBasePath } from 'strongroom';

type PageLinkProps = {
  /** With its query, without the base path. */
  href: string;
  className?: string;
  children: ReactNode;
};

export function PageLink({ href, className, children }: PageLinkProps) {
  return (
    <a href={withBasePath(href)} className={className}>
      {children}
    </a>
  );
}
