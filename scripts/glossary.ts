/**
 * Reads the table of docs/glossary.md and finds names that use a word of its last column. Pure: texts in,
 * sentences out.
 */

export type NamedSource = { path: string; text: string };

/** The entries of the column "not", each as its words in lower case: `look up` is `['look', 'up']`. */
export function listAvoidedWords(glossary: string): string[][] {
  const rows = [...glossary.matchAll(/^\|[^|\n]*\|[^|\n]*\|[^|\n]*\|([^|\n]*)\|$/gm)];
  return rows
    .flatMap(([, cell = '']) => cell.split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '' && entry !== 'not' && !/^-+$/.test(entry))
    .map((entry) => entry.toLowerCase().split(/\s+/));
}

/**
 * Names of a source: the file's own, what it declares, and the events, codes, reasons and kinds that it
 * writes.
 */
export function listNames({ path, text }: NamedSource): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"])\/\/[^\n]*/g, '');
  const declared = [...code.matchAll(/\b(?:function|const|let|class|type|interface)\s+(\w+)/g)];
  const written = [...code.matchAll(/\b(?:kind|code|reason): '(\w+)'|\blog\w+\(\s*'(\w+)'/g)];
  const file = path.split('/').at(-1)?.replace(/\..*$/, '') ?? '';
  return [file, ...declared.map(([, name = '']) => name), ...written.map(([, a, b]) => a ?? b ?? '')];
}

/** `findLastSeen`, `last-seen` and `last_seen` are all words. */
export function splitName(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== '');
}

export function findAvoidedNames(sources: readonly NamedSource[], avoided: readonly string[][]): string[] {
  return sources.flatMap((source) =>
    [...new Set(listNames(source))].flatMap((name) => {
      const found = avoided.find((words) => holds(splitName(name), words));
      return found === undefined ? [] : [`${source.path}: ${name} (not: ${found.join(' ')})`];
    }),
  );
}

function holds(name: readonly string[], words: readonly string[]): boolean {
  return name.some((_word, at) =>
    words.every((word, index) => [word, `${word}s`].includes(name[at + index] ?? '')),
  );
}
