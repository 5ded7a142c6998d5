/**
 * What became of the question for suggestions: said aloud, and shown where it is news. Its line is always
 * there, and moves nothing.
 */
import type { Suggestions } from './use-suggestions';

type State = { suggestions: Suggestions; signInHref: string };

export function SuggestionState({ suggestions, signInHref }: State) {
  const isShown = suggestions.kind !== 'found' || suggestions.items.length === 0;
  return (
    <p role="status" className="min-h-6.5 pt-1.5 text-small text-soft">
      <span className={isShown ? '' : 'sr-only'}>{sayState(suggestions)}</span>
      {suggestions.kind === 'session_over' ? (
        <>
          {' '}
          <a href={signInHref} className="link">
            Sign in again
          </a>
        </>
      ) : null}
    </p>
  );
}

function sayState(suggestions: Suggestions): string {
  switch (suggestions.kind) {
    case 'none':
      return '';
    case 'asking':
      return 'Looking …';
    case 'found':
      return sayFound(suggestions);
    case 'unavailable':
      return 'Suggestions are not available. Search still works.';
    case 'session_over':
      return 'Your session has ended.';
  }
}

function sayFound({ items, query }: Extract<Suggestions, { kind: 'found' }>): string {
  if (items.length === 0) return `Nobody matches “${query}”.`;
  return items.length === 1 ? 'One suggestion.' : `${items.length} suggestions.`;
}
