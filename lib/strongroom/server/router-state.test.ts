import { describe, expect, it } from 'vitest';
import { isRouterState } from './router-state';

const sent = (tree: unknown) => encodeURIComponent(JSON.stringify(tree));
const deep = (levels: number): unknown => (levels === 0 ? ['', {}] : ['', { children: deep(levels - 1) }]);

describe('the state of Next’s router', () => {
  it.each([
    ['of the home page', sent(['', { children: ['__PAGE__', {}] }, null, 'refetch'])],
    ['that is not encoded', '["",{},null,"refetch"]'],
    [
      'with a parameter in its path',
      sent([
        '',
        { children: ['contacts', { children: [['id', 'ctc_1', 'd'], { children: ['__PAGE__', {}] }] }] },
      ]),
    ],
    ['with several slots', sent(['', { children: ['a', {}], modal: ['b', {}] }, null, null, 16])],
  ])('%s is let in', (_what, header) => {
    expect(isRouterState(header)).toBe(true);
  });

  it.each([
    ['no JSON', '{'],
    ['an encoding of nothing', '%'],
    ['a control character', '%1bx'],
    ['no tree', '{}'],
    ['no slots', sent([''])],
    ['slots in a list', sent(['', []])],
    ['a segment that is a number', sent([1, {}])],
    ['something else in a slot', sent(['', { children: 'x' }])],
    ['two headers in one', '["",{}], ["",{}]'],
    ['more than Next reads', sent(['x'.repeat(40_001), {}])],
    ['one as deep as a stack', sent(deep(200))],
  ])('that is %s is not', (_what, header) => {
    expect(isRouterState(header)).toBe(false);
  });
});
