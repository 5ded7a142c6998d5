'use client';
/**
 * The search field with suggestions below it: a combobox by Base UI, in the words and colours of the site.
 */
import { Autocomplete } from '@base-ui/react/autocomplete';
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { withBasePath } from 'strongroom/client';
import { fieldClass } from './search-field';
import type { Suggesting, Suggestion } from './use-suggestions';

type SearchField = {
  query: string;
  path: string;
  asking: Suggesting;
  /**
   * The field that was there before the scripts were: what was typed in it, and whether it had the focus,
   * goes on here.
   */
  plain: RefObject<HTMLInputElement | null>;
};

export function ContactAutocomplete({ query, path, asking, plain }: SearchField) {
  const { suggestions, suggestFor, forget } = asking;
  const { field, text, setText } = useText(plain, query);
  const items = suggestions.kind === 'found' ? suggestions.items : [];
  const isOpen = items.length > 0;
  // Base UI's own popup would hide the rest of the page from screen readers; `inline`, the list is a plain
  // part of it.
  return (
    <Autocomplete.Root
      inline
      open={isOpen}
      items={items}
      filter={null}
      itemToStringValue={nameOf}
      value={text}
      onValueChange={(value, { reason }) => {
        // A contact that is chosen opens: what was typed stays as it is.
        if (reason === 'item-press') return;
        setText(value);
        suggestFor(value);
      }}
    >
      <Autocomplete.Input
        ref={field}
        type="search"
        maxLength={100}
        enterKeyHint="search"
        aria-expanded={isOpen}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' && !isOpen) suggestFor(text);
          if (event.key !== 'Escape' || !isOpen) return;
          // The first Escape closes the list; only the next one, by the browser, takes the text.
          event.preventDefault();
          event.preventBaseUIHandler();
          forget();
        }}
        onBlur={forget}
        className={fieldClass}
      />
      <div
        data-private
        hidden={!isOpen}
        className="absolute inset-x-0 top-full z-10 mt-1.5 max-h-[60vh] max-sm:right-auto max-sm:w-[calc(100vw-3rem)] overflow-y-auto overscroll-contain rounded-control border border-ink bg-paper"
      >
        <Autocomplete.List aria-label="Suggestions">
          {(contact: Suggestion) => <Choice key={contact.id} contact={contact} path={path} />}
        </Autocomplete.List>
      </div>
    </Autocomplete.Root>
  );
}

function Choice({ contact, path }: { contact: Suggestion; path: string }) {
  return (
    <Autocomplete.Item
      value={contact}
      // Tab leaves the field and its list together.
      tabIndex={-1}
      render={<a href={withBasePath(`${path}/${encodeURIComponent(contact.id)}`)} />}
      className="flex min-h-11 flex-wrap items-center gap-x-3 border-l-4 border-transparent px-2 py-1 data-highlighted:border-brass data-highlighted:bg-sheet"
    >
      <span className="min-w-0 wrap-anywhere font-semibold">{nameOf(contact)}</span>
      <span className="min-w-0 wrap-anywhere text-small text-soft">{contact.company}</span>
    </Autocomplete.Item>
  );
}

function nameOf({ name }: Suggestion): string {
  return name || 'No name';
}

/**
 * The text in the field. It begins with what stood in the plain one, focus included, before anything is
 * painted.
 */
function useText(plain: RefObject<HTMLInputElement | null>, query: string) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(() => plain.current?.value ?? query);
  const [hadFocus] = useState(() => plain.current !== null && document.activeElement === plain.current);
  useLayoutEffect(() => {
    if (hadFocus) field.current?.focus();
  }, [hadFocus]);
  // Going back, or a link that shows all again: the field follows the address, but never while the user
  // types.
  const shown = useRef(query);
  useEffect(() => {
    if (shown.current !== query && document.activeElement !== field.current) setText(query);
    shown.current = query;
  }, [query]);
  return { field, text, setText };
}
