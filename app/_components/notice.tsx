/** What happened, what was kept, what to do: a shape and a word beside every colour. */
import type { ReactNode } from 'react';

export type Tone = 'note' | 'good' | 'bad';

const colours: Record<Tone, string> = { note: 'text-soft', good: 'text-good', bad: 'text-bad' };

const shapes: Record<Tone, ReactNode> = {
  note: <circle cx="8" cy="8" r="5" fill="none" stroke="currentColor" strokeWidth="2" />,
  good: <path d="M2.5 8.5l3.5 3.5 7.5-8" fill="none" stroke="currentColor" strokeWidth="2" />,
  bad: (
    <path d="M8 2l6.5 11.5h-13z" fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" />
  ),
};

export function Shape({ tone }: { tone: Tone }) {
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
      className={`mt-1 size-4 shrink-0 ${colours[tone]}`}
    >
      {shapes[tone]}
    </svg>
  );
}

export function Notice({ tone, title, children }: { tone: Tone; title: string; children?: ReactNode }) {
  return (
    <div className="flex gap-3 border-y border-rule py-4">
      <Shape tone={tone} />
      <div className="min-w-0 max-w-prose space-y-2">
        <p className="font-semibold">{title}</p>
        {children}
      </div>
    </div>
  );
}
