import { describe, expect, it } from 'vitest';
import { buildTarget, readSegments } from './gateway-path';

describe('the path of a proxied request', () => {
  it.each([
    ['', []],
    ['/c_1', ['c_1']],
    ['/a/b', ['a', 'b']],
    ['/a%20b', ['a b']],
    ['/caf%C3%A9', ['café']],
    ['/a@b.example', ['a@b.example']],
    ['/...', ['...']],
    ['/.hidden', ['.hidden']],
  ])('PX-02: %j is read', (path, segments) => {
    expect(readSegments(path)).toEqual(segments);
  });

  it.each([
    ['a dot', '/.'],
    ['two dots', '/..'],
    ['two dots below', '/a/../b'],
    ['encoded dots', '/%2e%2e'],
    ['half-encoded dots', '/.%2e/a'],
    ['encoded twice', '/%252e%252e'],
    ['an encoded slash', '/..%2fadmin'],
    ['an encoded slash, upper case', '/a%2Fb'],
    ['a slash encoded twice', '/a%252fb'],
    ['an encoded backslash', '/..%5cadmin'],
    ['a backslash', '/a\\b'],
    ['parameters of a segment', '/..;/admin'],
    ['parameters of a segment, encoded', '/a%3bb'],
    ['NUL', '/a%00'],
    ['CR LF', '/a%0d%0aX-Evil:%201'],
    ['a bare CR LF', '/a\r\nX-Evil: 1'],
    ['a tab', '/a%09b'],
    ['delete', '/a%7f'],
    ['C1 control', '/a%c2%85'],
    ['an encoded question mark', '/a%3fb=c'],
    ['an encoded hash', '/a%23b'],
    ['an overlong slash', '/a%c0%afb'],
    ['an overlong dot', '/%c0%ae%c0%ae'],
    ['no UTF-8', '/a%ff'],
    ['a lone surrogate', '/a%ed%a0%80'],
    ['no encoding at all', '/a%'],
    ['half an encoding', '/a%2'],
    ['another encoding', '/a%u002e'],
    ['an empty segment', '//a'],
    ['an empty segment at the end', '/a/'],
    ['an empty segment between', '/a//b'],
    ['no slash first', 'a'],
    ['a blank', '/a b'],
    ['letters that are no ASCII', '/é'],
    ['a scheme below', '/http:%2f%2fsink'],
    ['too much', `/${'a'.repeat(1_024)}`],
  ])('PX-02: %s is rejected', (_name, path) => {
    expect(readSegments(path)).toBeNull();
  });

  it('PX-02: every segment and parameter is encoded anew', () => {
    const url = buildTarget('https://api.example/v1/', ['a b', "é!'()*", '@c:d'], { q: 'x&y=z#' });
    expect(url?.href).toBe("https://api.example/v1/a%20b/%C3%A9!'()*/%40c%3Ad?q=x%26y%3Dz%23");
    expect(buildTarget('https://api.example/v1', [], {})?.href).toBe('https://api.example/v1');
    expect(buildTarget('https://api.example', [], {})?.href).toBe('https://api.example/');
  });

  it.each([[['..']], [['.', '..', '..']], [['..', 'v10']]])(
    'PX-02: %j, if it came that far, would not leave the base',
    (segments) => {
      expect(buildTarget('https://api.example/v1', segments, {})).toBeNull();
    },
  );

  it('PX-01: whatever a segment says, host, scheme and port are those of the base', () => {
    for (const segment of ['//sink', '@sink', 'http://sink', '\\\\sink', ':80', '[::1]', '?u=sink'])
      expect(buildTarget('https://api.example/v1', [segment], {})?.origin).toBe('https://api.example');
  });
});
