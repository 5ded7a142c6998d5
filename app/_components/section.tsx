/** A part of a page under its own heading. */
import { type ReactNode, useId } from 'react';

export function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-10 first:mt-0">
      <h2 id={id} className="mb-4 text-large font-semibold">
        {title}
      </h2>
      {children}
    </section>
  );
}
