'use client';
/**
 * Searches contacts: a GET form that works by itself. With JavaScript it suggests while the user types: a
 * suggestion opens that contact, and Enter without one searches the list.
 */
import { Button } from '@base-ui/react/button';
import { Field } from '@base-ui/react/field';
import { Input } from '@base-ui/react/input';
import { useRouter } from 'next/navigation';
import { type FormEvent, useRef, useSyncExternalStore, useTransition } from 'react';
import { withBasePath } from 'strongroom/client';
import { ContactAutocomplete } from './contact-autocomplete';
import { fieldClass } from './search-field';
import { SuggestionState } from './suggestion-state';
import { useSuggestions } from './use-suggestions';

/** `signInHref`: where to sign in, and come back to this page. */
type Search = { query: string; path: string; signInHref: string };

export function ContactSearch({ query, path, signInHref }: Search) {
  const plain = useRef<HTMLInputElement>(null);
  const hasScript = useHasScript();
  const asking = useSuggestions();
  const { isPending, search } = useSearch(path, asking.forget);
  return (
    <search className="block">
      <form method="get" action={withBasePath(path)} onSubmit={search} className="max-w-prose">
        <Field.Root name="q">
          <Field.Label className="mb-1 block text-small text-soft">
            Search by name, company or e-mail
          </Field.Label>
          <div className="flex gap-2">
            <span className="relative min-w-0 grow">
              {hasScript ? (
                <ContactAutocomplete plain={plain} query={query} path={path} asking={asking} />
              ) : (
                <Input
                  ref={plain}
                  type="search"
                  defaultValue={query}
                  maxLength={100}
                  autoComplete="off"
                  enterKeyHint="search"
                  className={fieldClass}
                />
              )}
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
        <SuggestionState suggestions={asking.suggestions} signInHref={signInHref} />
      </form>
    </search>
  );
}

/**
 * The policy forbids the inline style of Base UI's hidden input in HTML from the server, so suggestions begin
 * in the browser.
 */
function useHasScript(): boolean {
  return useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  );
}

function useSearch(path: string, onSearch: () => void) {
  const router = useRouter();
  const [isPending, startTransition] = useTransition();
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSearch();
    const words = String(new FormData(event.currentTarget).get('q') ?? '').trim();
    const address = words === '' ? path : `${path}?${new URLSearchParams({ q: words })}`;
    startTransition(() => router.push(address, { scroll: false }));
  };
  return { isPending, search };
}
