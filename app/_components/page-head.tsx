import type { ReactNode } from 'react';

/** The head of a statement: what it is, and its figures at the right. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rule-double mb-8 flex flex-wrap items-end justify-between gap-x-6 gap-y-1 pb-3">
      <h1 className="min-w-0 text-title font-semibold tracking-tight text-balance">{title}</h1>
      {children === undefined ? null : <div className="text-soft">{children}</div>}
    </div>
  );
}
