/** Searches text for secrets, in every form in which a secret could have slipped through. */

export type Secret = { name: string; value: string };
export type Leak = { name: string; form: string };

/** Shortest piece that is searched for: anything shorter would be found by chance. */
const minChars = 12;

/**
 * The forms of a secret: as it is, percent-encoded, JSON-escaped, reversed, hexadecimal, and base64 at each
 * of its three alignments.
 */
function listForms(value: string): { form: string; needle: string }[] {
  const bytes = Buffer.from(value);
  const forms = [
    { form: 'raw', needle: value },
    { form: 'percent-encoded', needle: encodeURIComponent(value) },
    { form: 'JSON-escaped', needle: JSON.stringify(value).slice(1, -1) },
    { form: 'reversed', needle: [...value].reverse().join('') },
    { form: 'hexadecimal', needle: bytes.toString('hex') },
    ...[0, 1, 2].map((shift) => ({ form: `base64 at ${shift}`, needle: base64At(bytes, shift) })),
  ];
  return forms.filter(({ needle }) => needle.length >= minChars);
}

/** The middle of the base64 of `bytes` after `shift` other bytes: what is there whatever surrounds it. */
function base64At(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  return text.slice(shift === 0 ? 0 : 4, -2);
}

/** Which secrets `text` holds. base64url counts as base64, and upper-case hexadecimal as lower-case. */
export function findLeaks(text: string, secrets: readonly Secret[]): Leak[] {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  const lower = text.toLowerCase();
  return secrets.flatMap(({ name, value }) =>
    listForms(value)
      .filter(({ form, needle }) => isIn({ form, needle }, { text, plain, lower }))
      .map(({ form }) => ({ name, form })),
  );
}

function isIn(
  { form, needle }: { form: string; needle: string },
  { text, plain, lower }: Record<'text' | 'plain' | 'lower', string>,
) {
  if (form === 'hexadecimal') return lower.includes(needle);
  return form.startsWith('base64') ? plain.includes(needle) : text.includes(needle);
}

/** A token and, if it is a JWT, its telling parts: payload and signature alone would be a leak too. */
export function describeToken(name: string, token: string): Secret[] {
  const [, payload, signature, ...rest] = token.split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return [{ name, value: token }];
  return [
    { name, value: token },
    { name: `${name} (payload)`, value: payload },
    { name: `${name} (signature)`, value: signature },
  ];
}
