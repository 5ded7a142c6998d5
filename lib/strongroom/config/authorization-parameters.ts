/**
 * Parameters of the authorization request that the operator adds: fixed ones, and names that a link may set.
 * What the protocol needs is never among them. Pure.
 * @see OIDC Core §3.1.2.1
 */

export type Parameters = Readonly<Record<string, string>>;

/**
 * What a link of ours may ask for, by the names of its query: a link with one of them starts more than a
 * sign-in.
 */
export const ownParameters = ['permission', 'step_up', 'account'] as const;

/** Set by this application alone, or not offered: a value from elsewhere would undo a check. */
const protocolParameters: ReadonlySet<string> = new Set([
  ...['client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'redirect_uri'],
  ...['response_type', 'response_mode', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method'],
  ...['request', 'request_uri', 'registration', 'claims', 'id_token_hint', 'max_age', 'dpop_jkt'],
  ...['audience', 'resource', 'grant_type', 'code', 'iss', 'web_message_uri', 'web_message_target'],
  // What our own links say.
  ...[...ownParameters, 'return_to', 'confirm', 'reason', 'ref', 'wait', 'target_link_uri', 'other_account'],
]);

const maxValueChars = 512;

function isAllowedName(name: string): boolean {
  return /^[a-z][\w.-]{0,63}$/i.test(name) && !protocolParameters.has(name.toLowerCase());
}

/**
 * Whether a value may be sent. `prompt=none` may not: it starts a sign-in that no user sees, and every
 * failure of it would look like one of theirs.
 */
function isAllowedValue(name: string, value: string): boolean {
  if (value.length > maxValueChars || /[\p{Cc}\p{Cs}]/u.test(value)) return false;
  return name !== 'prompt' || (/^[a-z_]+( [a-z_]+)*$/.test(value) && !value.split(' ').includes('none'));
}

/** @returns the parameters of `access_type=offline&prompt=consent`, or what is wrong with it */
export function parseFixedParameters(text: string): Parameters | string {
  const entries = [...new URLSearchParams(text)];
  const names = entries.map(([name]) => name);
  if (new Set(names).size !== names.length) return 'names a parameter twice';
  const wrong = names.find((name) => !isAllowedName(name));
  if (wrong !== undefined) return `must not set ${wrong}: the application sets it, or it is not a name`;
  if (!entries.every(([name, value]) => isAllowedValue(name, value)))
    return 'has a value that may not be sent; prompt=none is one';
  return Object.fromEntries(entries);
}

/** @returns the names in a list with spaces or commas, or what is wrong with it */
export function parseParameterNames(text: string): readonly string[] | string {
  const names = [...new Set(text.split(/[\s,]+/).filter(Boolean))];
  const wrong = names.find((name) => !isAllowedName(name));
  return wrong === undefined ? names : `must not contain ${wrong}: links never set it`;
}

/**
 * Of `allowed`, those that a link sets to a value that may be sent.
 * @param read a parameter that is there once
 */
export function readLinkParameters(
  allowed: readonly string[],
  read: (name: string) => string | null,
): Parameters {
  const entries = allowed.map((name) => [name, read(name)] as const);
  return Object.fromEntries(
    entries.filter(
      (entry): entry is [string, string] => entry[1] !== null && isAllowedValue(entry[0], entry[1]),
    ),
  );
}

/** Later ones win; the values of `prompt` are a list, and each of them counts. */
export function mergeParameters(...all: readonly Parameters[]): Parameters {
  const prompts = new Set(all.flatMap(({ prompt }) => (prompt === undefined ? [] : prompt.split(' '))));
  const merged = Object.assign({}, ...all) as Parameters;
  return prompts.size === 0 ? merged : { ...merged, prompt: [...prompts].join(' ') };
}
