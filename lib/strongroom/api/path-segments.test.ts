import { describe, expect, it } from 'vitest';
import { isPlainSegment } from './path-segments';

describe('a segment of a path to the API', () => {
  it.each(['contacts', 'c_1', 'Zoë Ångström', 'a.b', '...', 'a:b@c', 'a=b&c', '0'])(
    'PX-02: %j may be one',
    (segment) => expect(isPlainSegment(segment)).toBe(true),
  );

  it.each([
    ...[
      '',
      '.',
      '..',
      '../messages',
      '..\\messages',
      '/',
      '//',
      'a/b',
      '%2e%2e',
      '%2f',
      'a%00',
      'a;b',
      'a?b',
      'a#b',
    ],
    ...['\r\n', 'a\r\nX-Evil: 1', '\u0000', '\u007f', '\ud800', 'a'.repeat(1_025)],
  ])('PX-02: %j is none', (segment) => expect(isPlainSegment(segment)).toBe(false));
});
