'use client';
/** Searches contacts: a GET form that works by itself; with JavaScript it answers while typing and keeps the focus. */
import { Button } from '@base-ui/react/button';
import { Field } from '@base-ui/react/field';
import { Input } from '@base-ui/react/input';
import { useRouter } from 'next/navigation';
import { type FormEvent, useEffect, useRef, useTransition } from 'react';

const pauseMs = 250;

export function ContactSearch({ query, path }: { query: string; path: string }) {
  const { input, isPending, searchSoon, searchNow } = useSearch(query, path);
  return (
    <search className="block">
      <form method="get" action={path} onSubmit={searchNow} className="mb-6 max-w-prose">
        <Field.Root name="q">
          <Field.Label className="mb-1 block text-small text-soft">
            Search by name, company or e-mail
          </Field.Label>
          <div className="flex gap-2">
            <span className="relative min-w-0 grow">
              <Input
                ref={input}
                type="search"
                defaultValue={query}
                onChange={searchSoon}
                maxLength={100}
                autoComplete="off"
                enterKeyHint="search"
                className="min-h-11 w-full rounded-control border border-edge bg-paper px-3"
              />
              <span
                aria-hidden="true"
                className={`absolute inset-x-1 bottom-1 h-px text-ink ${isPending ? 'pending-line' : ''}`}
              />
            </span>
            <Button
              type="submit"
              className="min-h-11 cursor-pointer rounded-control border border-edge px-5 font-semibold hover:bg-sheet"
            >
              Search
            </Button>
          </div>
        </Field.Root>
      </form>
    </search>
  );
}

function useSearch(query: string, path: string) {
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [isPending, startTransition] = useTransition();

  // Going back, or a link that shows all again: the field follows the address, but never under somebody's fingers.
  useEffect(() => {
    if (input.current !== null && document.activeElement !== input.current) input.current.value = query;
  }, [query]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const search = () => {
    clearTimeout(timer.current);
    const words = input.current?.value.trim() ?? '';
    const address = words === '' ? path : `${path}?${new URLSearchParams({ q: words })}`;
    startTransition(() => router.replace(address, { scroll: false }));
  };
  const searchSoon = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(search, pauseMs);
  };
  const searchNow = (event: FormEvent) => {
    event.preventDefault();
    search();
  };
  return { input, isPending, searchSoon, searchNow };
}
