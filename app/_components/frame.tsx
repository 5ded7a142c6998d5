/** The frame of every page: skip link, banner, main. For server and browser. */
import type { ReactNode } from 'react';
import { productName } from '@/lib/places';
import { Logo } from './logo';

type Framed = {
  children: ReactNode;
  /** What stands beside the name in the banner; public pages leave it out. */
  banner?: ReactNode;
  /** The address that the name leads to. */
  home: string;
};

export function Frame({ children, banner, home }: Framed) {
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
          <a href={home} className="-ml-1 flex min-h-14 items-center gap-2.5 px-1 font-semibold">
            <Logo />
            {productName}
          </a>
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
