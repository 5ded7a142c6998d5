/** Where each page, action and route asks who is there, and what goes from server to client components. Each rule returns its violations. Test support only. */
import { startsWith } from './layer-rules';
import { type Source, stripComments } from './source-files';

const isBelowDashboard = /^app\/dashboard\//;

/** Pages below the dashboard ask for the session before they ask for anything else; a layout never stands in for them. */
export function findUnguardedPages(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => isBelowDashboard.test(path))
    .flatMap(({ path, text }) => {
      const code = stripComments(text);
      if (/\/(layout|template|default|loading)\.tsx$/.test(path))
        return [`${path} stands around pages, and none of them may rely on it`];
      if (!path.endsWith('/page.tsx')) return [];
      const body = /export default async function [\s\S]*/.exec(code)?.[0] ?? '';
      const guard = body.search(/await requireSession\(/);
      const data = body.search(/\b(searchContacts|getContact|listMessages|readDraft|readPendingAction)\(/);
      return guard < 0 || (data >= 0 && data < guard)
        ? [`${path} does not ask for the session before anything else`]
        : [];
    });
}

/** Each exported action asks first where the form comes from, then whose session it is. */
export function findUnguardedActions(sources: readonly Source[]): string[] {
  return sources
    .filter((source) => startsWith(source, 'use server'))
    .flatMap(({ path, text }) =>
      stripComments(text)
        .split(/(?=^export )/m)
        .filter((part) => part.startsWith('export '))
        .flatMap((part) => {
          const [, name = 'something'] = /^export (?:async function|const) (\w+)/.exec(part) ?? [];
          const origin = part.indexOf('await isSameOriginForm()');
          const session = part.indexOf('await loadSession(');
          const effect = part.search(/\b(callAsUser|runPendingAction|writePendingAction|writeDraft)\(/);
          const isGuarded = origin >= 0 && origin < session && (effect < 0 || session < effect);
          return isGuarded ? [] : [`${path}: ${name} acts before it has asked for form and session`];
        }),
    );
}

/** How each route handler judges its callers: a new one must be added here with its way. */
export function findUnguardedRoutes(
  sources: readonly Source[],
  ways: Readonly<Record<string, RegExp | 'for everybody'>>,
): string[] {
  return sources
    .filter(({ path }) => /^app\/.*\/route\.ts$/.test(path))
    .flatMap(({ path, text }) => {
      const way = ways[path];
      if (way === undefined) return [`${path} does not say how it judges its callers`];
      return way === 'for everybody' || way.test(stripComments(text)) ? [] : [`${path} has lost its guard`];
    });
}

/** What must not be given to a client component: everything of it would be in the page. */
const wholes = /^(session|tokens?|tokenSet|user|config|accessToken|refreshToken|idToken|metadata)$/i;
const insides = /\b(tokens\.\w|accessToken|refreshToken|idToken|clientSecret|providerSessionId)\b/;

/** Client components get single values: no session, no tokens, no spread of either, and no type of those. */
export function findWholeProps(sources: readonly Source[]): string[] {
  const clients = sources.filter((source) => startsWith(source, 'use client'));
  const names = clients.flatMap(({ text }) =>
    [...stripComments(text).matchAll(/^export (?:default )?function ([A-Z]\w*)/gm)].map(
      ([, name = '']) => name,
    ),
  );
  const typed = clients
    .filter(({ text }) =>
      /import\s+(type\s+)?\{[^}]*\b(Session|SealedSession|TokenSet|User)\b[^}]*\}\s+from\s+'@\/lib/.test(
        text,
      ),
    )
    .map(({ path }) => `${path} knows the type of a session`);
  const given = sources
    .filter((source) => !startsWith(source, 'use client'))
    .flatMap(({ path, text }) =>
      listTags(stripComments(text))
        .filter(({ name }) => names.includes(name))
        .filter(({ attributes }) => isTooMuch(attributes))
        .map(({ name }) => `${path} gives <${name}> more than single values`),
    );
  return [...typed, ...given];
}

function isTooMuch(attributes: string): boolean {
  const isSpread = /\{\s*\.\.\./.test(attributes);
  const values = [...attributes.matchAll(/=\{\s*([\w.]+)\s*\}/g)].map(
    ([, value = '']) => value.split('.').at(-1) ?? '',
  );
  return isSpread || values.some((value) => wholes.test(value)) || insides.test(attributes);
}

/** Opening tags of components, with everything up to their end: braces may hold other brackets. */
export function listTags(code: string): { name: string; attributes: string }[] {
  return [...code.matchAll(/<([A-Z]\w*)\b/g)].map((match) => {
    const start = match.index + match[0].length;
    let depth = 0;
    let end = start;
    for (; end < code.length; end += 1) {
      const character = code[end];
      if (character === '{') depth += 1;
      if (character === '}') depth -= 1;
      if (character === '>' && depth === 0) break;
    }
    return { name: match[1] ?? '', attributes: code.slice(start, end) };
  });
}
