/**
 * The declared APIs with their addresses, which of them share an access token, and what that is for. The
 * environment is passed in.
 * @see RFC 8707
 */
import { createHash } from 'node:crypto';
import type { Declaration } from './declaration';

export type Api = {
  name: string;
  /** Without a trailing slash. */
  baseUrl: string;
  /** The variable that holds it. */
  variable: string;
  /** What its tokens are asked for, as `audience` and `resource`; null: the request names none. */
  audience: string | null;
  /** Where that is set: a variable, or the declaration. */
  audienceSource: string;
  /** Where its access token is among those of a session: null for the first, which comes with the sign-in. */
  tokenName: string | null;
  /**
   * What its token is for, as a short hash of the audience and of the origins that get it. Sealed with each
   * token: one of the same name from before the APIs were changed is for another target.
   */
  target: string;
  /** Those of its token. A refresh asks for the granted ones; the first token has what no other one names. */
  scopes: readonly string[];
};

type Written = Readonly<Record<string, string | undefined>>;
type Declared = Pick<Declaration, 'apis'>;

/** In the order of the declaration. APIs with the same audience share a token, and so do those without one. */
export function listApis(written: Written, { apis }: Declared): Api[] {
  const sources = Object.entries(apis).map(([name, { baseUrl, audience, scopes = [] }], index) => ({
    name,
    baseUrl: (written[baseUrl] ?? '').replace(/\/+$/, ''),
    variable: baseUrl,
    ...findAudience(written, { audience, isFirst: index === 0 }),
    scopes,
  }));
  const [first] = sources;
  const ownerOf = ({ audience }: (typeof sources)[number]) =>
    sources.find((source) => source.audience === audience)?.name;
  return sources.map((api) => {
    const owner = ownerOf(api);
    const tokenName = owner === undefined || owner === first?.name ? null : owner;
    const sharing = sources.filter((source) => ownerOf(source) === owner);
    const scopes = [...new Set(sharing.flatMap((source) => source.scopes))];
    return { ...api, tokenName, target: hashTarget(api.audience, sharing), scopes };
  });
}

/** 48 bits: APIs are declared by the operator, and no one looks for a collision. */
function hashTarget(audience: string | null, sharing: readonly { baseUrl: string }[]): string {
  const origins = sharing.map(({ baseUrl }) => (URL.canParse(baseUrl) ? new URL(baseUrl).origin : baseUrl));
  const named = JSON.stringify([audience, ...new Set(origins.toSorted())]);
  return createHash('sha256').update(named).digest('base64url').slice(0, 8);
}

/** The audience of the first API is `AUTH_AUDIENCE`; one that is declared without an audience shares its token. */
function findAudience(
  written: Written,
  { audience, isFirst }: { audience: string | undefined; isFirst: boolean },
): Pick<Api, 'audience' | 'audienceSource'> {
  const source = audience === undefined || isFirst ? 'AUTH_AUDIENCE' : audience;
  if (isVariable(source)) return { audience: written[source] ?? null, audienceSource: source };
  return { audience: source, audienceSource: 'declaration' };
}

/** Whether the scope is about that token. Those that no other API names are about the first. */
export function isScopeOf(apis: readonly Api[], tokenName: string | null, scope: string): boolean {
  const named = apis.filter((api) => api.tokenName !== null && api.scopes.includes(scope));
  return named.length === 0 ? tokenName === null : named.some((api) => api.tokenName === tokenName);
}

/** Whether it is about no other token beside: then one response says all of it. */
export function isScopeOfAlone(apis: readonly Api[], tokenName: string | null, scope: string): boolean {
  const isNamedElsewhere = apis.some((api) => api.tokenName !== tokenName && api.scopes.includes(scope));
  return isScopeOf(apis, tokenName, scope) && !isNamedElsewhere;
}

/** Whether the declaration names a variable, and not the audience itself. */
export function isVariable(audience: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(audience);
}
