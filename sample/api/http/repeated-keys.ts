/**
 * Does JSON name a key twice in one object? JSON.parse silently keeps the last one, so two readers can disagree about one text.
 * Pure. The text must already be known to be JSON. @see RFC 8259 §4, RFC 7519 §4
 */

// A string is one token, with its escapes; of the rest only what opens, closes and separates matters.
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

export function hasRepeatedKeys(json: string): boolean {
  const open: Set<string>[] = [];
  let lastString = '';
  for (const [token] of json.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') lastString = token;
    else if (!addKey(open.at(-1), lastString)) return true;
  }
  return false;
}

function addKey(keys: Set<string> | undefined, quoted: string): boolean {
  // Compared as read, not as written: "\u0061" and "a" are one key.
  const key = JSON.parse(quoted) as string;
  if (!keys || keys.has(key)) return false;
  keys.add(key);
  return true;
}
