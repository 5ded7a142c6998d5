/**
 * Ways to spoil a cookie: arbitrary changes of its text, and what else could stand in its place. Test support
 * only.
 */
import fc from 'fast-check';

const strange = [
  '',
  '*',
  '~',
  '%',
  '%00',
  '\u0000',
  'ž',
  '\ud800',
  '=',
  '+',
  '/',
  '-',
  ' ',
  ';',
  '"',
  '\r\n',
  '1e9',
];
const components = [
  ...['', '0', '1', '2', '-1', '__proto__', 'constructor', 'toString', 'Infinity', '9'.repeat(20)],
  ...['A', '%', '\u0000', 'Fe26.2', 'Fe26.1', 'a'.repeat(43), 'a'.repeat(64), '='.repeat(8)],
];
const garbage = [
  ...['', ' ', 'null', '{}', '[]', 'true', '~', '~2', '*', '*******', 'Fe26.2', 'Fe26.2**', '%', '\u0000'],
  ...['Fe26.2*1*x*x*x**x*x~2', 'Fe26.2*__proto__*x*x*x**x*x~2', 'ž'.repeat(100), 'undefined'],
  ...['a'.repeat(100_000), `Fe26.2*1*${'a'.repeat(100_000)}*a*a**a*a~2`, '%'.repeat(5_000)],
];

/** A text made from `text`; `others` are intact ones that were made for another purpose or another user. */
export function mutantOf(text: string, others: readonly string[]): fc.Arbitrary<string> {
  const position = fc.nat({ max: Math.max(0, text.length - 1) });
  const character = fc.oneof(fc.string({ minLength: 1, maxLength: 4 }), fc.constantFrom(...strange));
  const pieces = text.split('*');
  const pieceOfOther = fc.constantFrom(...others).chain((other) => fc.constantFrom(...other.split('*')));
  const at = fc.nat({ max: pieces.length - 1 });
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(position, character)
        .map(([index, one]) => text.slice(0, index) + one + text.slice(index + 1)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(position, character)
        .map(([index, one]) => text.slice(0, index) + one + text.slice(index)),
    },
    { weight: 2, arbitrary: position.map((index) => text.slice(0, index)) },
    position.map((index) => text.slice(index + 1)),
    fc.tuple(position, position).map(([from, to]) => text.slice(0, from) + text.slice(to)),
    character.map((one) => text + one),
    character.map((one) => one + text),
    {
      weight: 3,
      arbitrary: fc
        .tuple(at, fc.constantFrom(...components))
        .map(([index, one]) => pieces.with(index, one).join('*')),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(at, pieceOfOther).map(([index, one]) => pieces.with(index, one).join('*')),
    },
    fc
      .tuple(position, fc.constantFrom(...others))
      .map(([index, other]) => text.slice(0, index) + other.slice(index)),
    fc
      .shuffledSubarray(pieces, { minLength: pieces.length, maxLength: pieces.length })
      .map((some) => some.join('*')),
    fc.constantFrom(...others),
    fc.constantFrom(...garbage),
    fc.string({ maxLength: 200, unit: 'binary' }),
    fc.base64String({ maxLength: 400 }),
    fc.stringMatching(/^Fe26\.2\*[0-9]{1,3}(\*[\w-]{0,50}){6}~2$/),
  );
}
