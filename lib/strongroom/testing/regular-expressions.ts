/** The regular expressions of this code base, and texts that make a careless one slow. Test support only. */
import { type Source, stripComments } from './source-files';

export type Found = { path: string; expression: RegExp };

/** Literals, where an expression may begin: after an operator, a bracket or a keyword. */
export function listExpressions(sources: readonly Source[]): Found[] {
  const literal =
    /(?<=[=(,!?:&|[{;]\s*|\breturn\s+|=>\s*)\/((?:[^/\\\n[*]|\\.|\[(?:[^\]\\\n]|\\.)*\])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])*)\/([dgimsuvy]*)(?=[\s.,;)\]])/g;
  return sources.flatMap(({ path, text }) =>
    [...stripComments(text).matchAll(literal)].map(([, body = '', flags]) => ({
      path,
      expression: new RegExp(body, flags),
    })),
  );
}

const usual = [
  'a',
  '0',
  ' ',
  '\t',
  '\n',
  '"',
  '\\',
  '.',
  '-',
  '/',
  '%',
  '*',
  '=',
  '+',
  ',',
  ':',
  '@',
  '#',
  '\u0000',
  'ä',
];

/**
 * Long runs of everything that the expression names, behind what it begins with, and with an end that it does
 * not expect.
 */
export function listPumps({ source }: RegExp, chars: number): string[] {
  const prefix = /^\^?((?:[\w:]|\\[/.*])*)(?![?*+{])/.exec(source)?.[1]?.replaceAll('\\', '') ?? '';
  const own = [...new Set(source.replace(/\\[a-zA-Z](\{\w+\})?/g, ''))];
  const units = [
    ...new Set([...usual, ...own, ...own.map((one) => one + (own[0] ?? '')), 'a ', 'a=', '"a', 'a.', '%2']),
  ];
  return units.flatMap((unit) => {
    const run = unit.repeat(Math.ceil(chars / unit.length));
    // A letter, too, is no end for an expression that names everything else.
    return [`${prefix}${run}\u0001`, `${run}\u0001`, `${run}a`];
  });
}
