import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { budget } from '../testing/fuzz-budget';
import { seal, unseal } from './seal';

const data = { who: 'ada', list: [1, 2, 3] };

/** The next character of base64url: as the last one of 32 bytes it stands for the same bytes. */
const after = (character: string) =>
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split(character)[1]?.[0] ?? '';

beforeEach(() => useEnvironment());

describe('a text that is no intact seal', () => {
  it('CK-04: never throws and never opens: hundreds of random mutations', async () => {
    const good = (await seal('session', data, 60)).split('~')[0] ?? '';
    const position = fc.nat({ max: good.length - 1 });
    const piece = fc.oneof(
      fc.string({ minLength: 1, maxLength: 4 }),
      fc.constantFrom('*', '\u0000', '%', 'ž', '__proto__'),
    );
    const mutant = fc.oneof(
      fc.tuple(position, piece).map(([at, text]) => good.slice(0, at) + text + good.slice(at + 1)),
      fc.tuple(position, piece).map(([at, text]) => good.slice(0, at) + text + good.slice(at)),
      fc
        .tuple(position, position)
        .map(([a, b]) => good.slice(0, Math.min(a, b)) + good.slice(Math.max(a, b) + 1)),
      fc.shuffledSubarray(good.split('*'), { minLength: 8, maxLength: 8 }).map((parts) => parts.join('*')),
    );
    const run = fc.asyncProperty(mutant, async (text) => {
      fc.pre(text !== good);
      expect(await unseal('session', text, 60)).toBeNull();
    });
    await fc.assert(run, budget(400));
  });

  it('CK-04: no change of a component opens: version, password id, salts, iv, data, end, signature', async () => {
    const parts = ((await seal('session', data, 60)).split('~')[0] ?? '').split('*');
    for (const index of parts.keys())
      for (const value of [
        '',
        '0',
        '2',
        '__proto__',
        'constructor',
        'A',
        '%',
        'a'.repeat(43),
        '-1',
        '9'.repeat(20),
      ]) {
        const mutant = parts.with(index, value).join('*');
        expect(await unseal('session', mutant, 60), `component ${index} as ${value}`).toBeNull();
      }
  });

  it.each([
    [''],
    ['~'],
    ['~2'],
    ['*'],
    ['Fe26.2'],
    ['Fe26.2*******~2'],
    ['null'],
    ['{}'],
    ['a'.repeat(100_000)],
    ['\ud800'],
  ])('CK-04: %.20j is null', async (text) => {
    expect(await unseal('session', text, 60)).toBeNull();
  });

  it.each([
    ['padded', (text: string) => text.replace('~2', '=~2')],
    ['with a space in its signature', (text: string) => text.replace(/(.{20}~2)$/, ' $1')],
    [
      'with unused bits set at its end',
      (text: string) => text.replace(/(.)~2$/, (_all, last) => `${after(last)}~2`),
    ],
  ])('CK-04: a seal has exactly one spelling: %s, it is null', async (_how, change) => {
    const text = await seal('session', data, 60);
    expect(change(text)).not.toBe(text);
    expect(await unseal('session', change(text), 60)).toBeNull();
  });

  it('RL-04: an oversized seal is rejected before it is opened', async () => {
    const text = await seal('session', { text: 'a'.repeat(800_000) }, 60);
    expect(await unseal('session', text, 60)).toBeNull();
  });
});
