/**
 * The frame of every page: skip link, banner, main. It holds for signed-in pages, public pages and error
 * pages alike.
 */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { places, productName } from '@/lib/places';
import { Logo } from './logo';

type Frame = {
  children: ReactNode;
  /** What stands beside the name in the banner; public pages leave it out. */
  banner?: ReactNode;
  homePath?: string;
};

export function PageFrame({ children, banner, homePath = places.home }: Frame) {
  return (
    <>
      <a
        href="#content"
        className="absolute left-4 top-0 z-10 -translate-y-full bg-ink px-4 py-3 text-paper focus:translate-y-0"
      >
        Skip to content
      </a>
      <header className="mx-auto max-w-5xl px-4 sm:px-8">
        <div className="flex flex-wrap items-center gap-x-3 border-b border-rule sm:gap-x-6">
          <Link
            href={homePath}
            prefetch={false}
            className="-ml-1 flex min-h-14 items-center gap-2.5 px-1 font-semibold"
          >
            <Logo />
            {productName}
          </Link>
          {banner}
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-5xl px-4 pt-8 pb-20 outline-none sm:px-8 sm:pt-12"
      >
        {children}
      </main>
    </>
  );
}

/** The head of a statement: what it is, and its figures at the right. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rule-double mb-8 flex flex-wrap items-end justify-between gap-x-6 gap-y-1 pb-3">
      <h1 className="min-w-0 text-title font-semibold tracking-tight text-balance">{title}</h1>
      {children === undefined ? null : <div className="text-soft">{children}</div>}
    </div>
  );
}
