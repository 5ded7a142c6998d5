/** Names and values in rows under hairlines, as a statement lists them. */
import type { ReactNode } from 'react';

export type Fact = { name: string; value: ReactNode };

export function Facts({ facts, isExact = false }: { facts: readonly Fact[]; isExact?: boolean }) {
  return (
    <dl className="border-b border-rule">
      {facts.map(({ name, value }) => (
        <div key={name} className="grid gap-x-6 border-t border-rule py-3 sm:grid-cols-[12rem_1fr]">
          <dt className="text-soft">{name}</dt>
          <dd className={isExact ? 'min-w-0 font-mono text-small leading-6 break-words' : 'min-w-0'}>
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
