/**
 * What the session keeps of an ID token for the adopter: declared claims as bounded texts, and declared
 * roles. Pure.
 */
import { isRecord, readPlainText } from '../base/guards';

type Claims = Readonly<Record<string, unknown>>;

const maxChars = 200;
const maxValues = 20;
/**
 * Of all claims together, as JSON: they stay in the session cookie even when the tokens move to the store.
 */
const maxCharsTogether = 1_000;
/** Roles and groups of a large organisation, of which only the declared ones are kept. */
const maxRolesRead = 5_000;
const maxRoleChars = 100_000;

/** A claim that is not there is left out, and so is one that does not fit beside those before it. */
export function keepClaims(claims: Claims, names: readonly string[]): Record<string, string | string[]> {
  const kept = names.flatMap((name): [string, string | string[]][] => {
    const texts = readTexts(findClaim(claims, name));
    if (Array.isArray(texts)) return [[name, texts.slice(0, maxValues)]];
    return texts === null ? [] : [[name, texts]];
  });
  let charsLeft = maxCharsTogether;
  const fitting = kept.filter((claim) => {
    const chars = JSON.stringify(claim).length;
    if (chars > charsLeft) return false;
    charsLeft -= chars;
    return true;
  });
  return Object.fromEntries(fitting);
}

type DeclaredRoles = { claim: string; names: readonly string[] };

/**
 * Those of the declared roles that the claim names, as a list or as one text with spaces or commas. Names are
 * compared whole: a name that was cut could be that of another role.
 */
export function readRoles(claims: Claims, roles: DeclaredRoles | undefined): string[] {
  if (roles === undefined) return [];
  const claim = findClaim(claims, roles.claim);
  const named = typeof claim === 'string' ? splitText(claim) : (listValues(claim) ?? [claim]);
  const found = new Set(named.filter(isText).map((value) => String(value).trim()));
  return roles.names.filter((name) => found.has(name));
}

/**
 * Those of `names` that the server keeps elsewhere, because they are too many for the token: the user has them,
 * and nothing here knows them. @see OIDC Core §5.6.2
 */
export function listDistributedClaims(claims: Claims, names: readonly string[]): string[] {
  const elsewhere = claims._claim_names;
  return isRecord(elsewhere) ? names.filter((name) => Object.hasOwn(elsewhere, name)) : [];
}

function splitText(text: string): string[] {
  const words = text.slice(0, maxRoleChars).split(/[\s,]+/);
  return text.length > maxRoleChars ? words.slice(0, -1) : [text, ...words];
}

/**
 * A claim by its name, or by the path to it, such as `realm_access.roles`. A name may have dots of its own
 * (`https://app.example/roles`), so the longest name is tried first.
 */
function findClaim(value: unknown, path: string): unknown {
  if (!isRecord(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const name = path.slice(0, dot);
    const found = Object.hasOwn(value, name) ? findClaim(value[name], path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Bounded texts. A number counts as its text, and an object as those of its names that it does not deny. */
function readTexts(value: unknown): string | string[] | null {
  const values = listValues(value);
  return values === null ? readText(value) : values.map(readText).filter((text) => text !== null);
}

function listValues(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value.slice(0, maxRolesRead);
  if (!isRecord(value)) return null;
  const granted = Object.keys(value).filter((name) => !isDenial(value[name]));
  return granted.slice(0, maxRolesRead);
}

/** Some servers keep roles as the names of an object, such as `{ admin: { org: 'x' }, editor: false }`. */
function isDenial(value: unknown): boolean {
  return !value || (Array.isArray(value) && value.length === 0);
}

function isText(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** `email_verified` and its like are claims that pages ask for, so true and false count as their texts. */
function readText(value: unknown): string | null {
  return isText(value) || typeof value === 'boolean' ? readPlainText(String(value), maxChars) : null;
}
