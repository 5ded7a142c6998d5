/** The source of this code base, as data for the tests of its boundaries. Test support only. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

export type Source = { path: string; text: string };

/** `isType`: nothing of it is left when the code runs. */
export type Import = { target: string; isType: boolean };

const root = new URL('../../../', import.meta.url);

/** Code files under these folders, and these files of the root. */
export function readSources(folders: readonly string[], files: readonly string[] = []): Source[] {
  const below = folders.flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name}`,
    ),
  );
  return [...below, ...files]
    .filter((path) => /\.(ts|tsx|mts|js|mjs|jsx)$/.test(path) && !path.includes('node_modules'))
    .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));
}

export function isTestSupport({ path }: Pick<Source, 'path'>): boolean {
  const isKit = /^lib\/strongroom\/(kit\/|testing\.ts$)/.test(path);
  return isKit || /\.(test|spec|vectors)\.tsx?$/.test(path) || path.includes('/testing/');
}

/** Without comments: strings stay. Good enough for code that a formatter has laid out. */
export function stripComments(text: string): string {
  const token = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(token, (_all, string: string | undefined) => string ?? '');
}

/** What a file imports or re-exports: paths of this code base as paths from its root, packages by name. */
export function listImports(source: Source): Import[] {
  const text = stripComments(source.text);
  const statement = /\b(?:import|export)\s+(type\s+)?(?:([^'"();]*?)\s+from\s+)?['"]([^'"]+)['"]/g;
  const found = [...text.matchAll(statement)].map(([, type, clause, name = '']) => ({
    target: resolve(source.path, name),
    isType: type !== undefined || isTypeClause(clause),
  }));
  const dynamic = [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)].map(([, name = '']) => ({
    target: resolve(source.path, name),
    isType: false,
  }));
  return [...found, ...dynamic];
}

/** `{ type A, type B }` */
function isTypeClause(clause: string | undefined): boolean {
  const names = /^\{([^}]*)\}$/.exec(clause?.trim() ?? '')?.[1]?.split(',') ?? [];
  const written = names.map((name) => name.trim()).filter((name) => name !== '');
  return written.length > 0 && written.every((name) => name.startsWith('type '));
}

function resolve(from: string, name: string): string {
  if (name.startsWith('@/')) return withoutExtension(name.slice(2));
  if (name.startsWith('.')) return withoutExtension(posix.join(posix.dirname(from), name));
  return name;
}

/** Imports name a file with or without its extension: compared without. */
function withoutExtension(path: string): string {
  return path.replace(/\.(ts|tsx|mts|js|mjs|jsx)$/, '');
}

export function startsWith({ text }: Source, directive: 'use client' | 'use server'): boolean {
  return new RegExp(`^(?:\\s|/\\*[\\s\\S]*?\\*/|//[^\\n]*\\n)*['"]${directive}['"]`).test(text);
}
