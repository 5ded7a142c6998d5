/**
 * Claims of the ID token that the adopter declared, as the session keeps them: texts from outside, bounded.
 * Pure.
 */
import { readPlainText } from '../base/guards';

const maxChars = 200;
const maxValues = 20;
/** Of all claims together, as JSON: they stay in the session cookie even when the tokens move to the store. */
const maxCharsTogether = 1_000;

/** A claim that is neither a text nor a list of texts is left out, and so is one that does not fit beside those before it. */
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
  let charsLeft = maxCharsTogether;
  const fitting = kept.filter((claim) => {
    charsLeft -= JSON.stringify(claim).length;
    return charsLeft >= 0;
  });
  return Object.fromEntries(fitting);
}

function readText(value: unknown): string | null {
  return readPlainText(value, maxChars);
}
