'use client';
/**
 * Fetches contacts that match what is being typed. There is one request at a time: a newer one aborts the
 * older.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { withBasePath } from 'strongroom/client';

export type Suggestion = { id: string; name: string; company: string };

export type Suggestions =
  | { kind: 'none' }
  | { kind: 'asking' }
  | { kind: 'found'; query: string; items: readonly Suggestion[] }
  /** The API cannot be asked now; searching by its own page may still work. */
  | { kind: 'unavailable' }
  | { kind: 'session_over' };

const pauseMs = 150;
const maxItems = 6;
const maxChars = 100;

export type Suggesting = {
  suggestions: Suggestions;
  suggestFor: (text: string) => void;
  /** Ends a question under way, and forgets what was found. */
  forget: () => void;
};

export function useSuggestions(): Suggesting {
  const [suggestions, setSuggestions] = useState<Suggestions>({ kind: 'none' });
  const running = useRef<AbortController>(null);
  const forget = useCallback(() => {
    running.current?.abort();
    setSuggestions({ kind: 'none' });
  }, []);
  useEffect(() => () => running.current?.abort(), []);

  const suggestFor = useCallback(
    (text: string) => {
      const query = text.trim().slice(0, maxChars);
      if (query === '') return forget();
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      setSuggestions((before) => (before.kind === 'found' ? before : { kind: 'asking' }));
      void pause(pauseMs, controller.signal)
        .then(() => ask(query, controller.signal))
        .then((found) => controller.signal.aborted || setSuggestions(found));
    },
    [forget],
  );
  return { suggestions, suggestFor, forget };
}

/** Never fails: what went wrong is one of the results, and a question that was cancelled has none. */
async function ask(query: string, signal: AbortSignal): Promise<Suggestions> {
  if (signal.aborted) return { kind: 'none' };
  try {
    const parameters = new URLSearchParams({ q: query, per_page: String(maxItems) });
    const address = withBasePath(`/api/gateway/contacts?${parameters}`);
    const headers = { 'x-strongroom': '1' };
    const response = await fetch(address, { cache: 'no-store', headers, signal });
    const body: unknown = await response.json();
    if (response.ok) return { kind: 'found', query, items: readItems(body) };
    return { kind: isOver(body) ? 'session_over' : 'unavailable' };
  } catch {
    return { kind: 'unavailable' };
  }
}

function isOver(problem: unknown): boolean {
  return isObject(problem) && problem.code === 'login_required';
}

/** What has another shape is left out. */
function readItems(body: unknown): Suggestion[] {
  const items = isObject(body) && Array.isArray(body.items) ? body.items : [];
  return items.slice(0, maxItems).flatMap((item: unknown) => {
    if (!isObject(item) || typeof item.id !== 'string') return [];
    const { id, name, company } = item;
    return [{ id, name: readText(name), company: readText(company) }];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : '';
}

/** Ends early, without failing, when the question was cancelled. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
