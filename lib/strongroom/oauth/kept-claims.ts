/**
 * Claims of the ID token that the adopter declared, as the session keeps them: texts from outside, bounded.
 * Pure.
 */
import { readPlainText } from '../base/guards';

const maxChars = 200;
const maxValues = 20;

/** A claim that is neither a text nor a list of texts is left out. */
export function keepClaims(
  claims: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, string | string[]> {
  const kept = names.flatMap((name): [string, string | string[]][] => {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    const texts = (Array.isArray(value) ? value : [value]).slice(0, maxValues).map(readText);
    const plain = texts.filter((text) => text !== null);
    if (Array.isArray(value)) return [[name, plain]];
    return plain[0] === undefined ? [] : [[name, plain[0]]];
  });
  return Object.fromEntries(kept);
}

function readText(value: unknown): string | null {
  return readPlainText(value, maxChars);
}
