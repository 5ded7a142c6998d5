/**
 * Bodies for server actions that are no calls: shapes that ran code in older versions of React's Flight
 * protocol, with markers in place of what they would run, and shapes that kept a parser busy.
 * @see CVE-2025-55182, CVE-2026-23869, CVE-2026-23870, CVE-2026-64641
 */

export type Body = [name: string, body: string, type: string];

const text = 'text/plain;charset=UTF-8';
const boundary = 'strongroom';
const multipart = `multipart/form-data; boundary=${boundary}`;

function formOf(parts: readonly (readonly [name: string, value: string])[]): string {
  const lines = parts.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${lines.join('')}--${boundary}--\r\n`;
}

/** Each would write the file `marker` if it ran. */
export function inertMarkers(marker: string): Body[] {
  const code = `process.mainModule.require('fs').writeFileSync('${marker}','marker-ran');`;
  const thenable = {
    // biome-ignore lint/suspicious/noThenProperty: the shape of the attack
    then: '$1:__proto__:then',
    status: 'resolved_model',
    reason: -1,
    value: '{"then":"$B1337"}',
    _response: { _prefix: code, _chunks: '$Q2', _formData: { get: '$1:constructor:constructor' } },
  };
  const fields = (first: unknown): [string, string][] => [
    ['0', JSON.stringify(first)],
    ['1', '"$@0"'],
    ['2', '[]'],
  ];
  const action = (bound: string): [string, string][] => [
    ['$ACTION_REF_1', ''],
    ['$ACTION_1:0', `{"id":"x#constructor","bound":"${bound}"}`],
    ['$ACTION_1:1', '["$1:__proto__:constructor"]'],
  ];
  return [
    ['a thenable that leads to the prototype', formOf(fields(thenable)), multipart],
    [
      'a constructor through a prototype',
      formOf(fields(['$1:__proto__:constructor:constructor'])),
      multipart,
    ],
    [
      'a getter that is a function',
      formOf(fields({ get: '$1:constructor:constructor', value: code })),
      multipart,
    ],
    ['a server reference that nobody made', formOf(fields(['$F1'])), multipart],
    ['a reference to itself', formOf(fields(['$@0', '$0', '$Q0', '$W0', '$i0'])), multipart],
    ['a form action by name', formOf(action('$@1')), multipart],
    [
      'a form action with an id of the prototype',
      formOf([
        ['$ACTION_ID___proto__', ''],
        ['$ACTION_ID_constructor', ''],
      ]),
      multipart,
    ],
    [
      'a key of the prototype',
      formOf([['0', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}']]),
      multipart,
    ],
    ['one line of Flight', '["$1:__proto__:constructor"]', text],
    ['a function in one line', `["$F0",{"id":"child_process#execSync","bound":["touch ${marker}"]}]`, text],
    ['a module path', '[{"id":"node:child_process","chunks":[],"name":"execSync"}]', text],
  ];
}

/** Each is cheap to send, and expensive to read for a parser without bounds. */
export function hostileBodies(): Body[] {
  const many = (count: number, value: string): [string, string][] =>
    Array.from({ length: count }, (_, index) => [String(index), value]);
  return [
    ['JSON of 200,000 open brackets', '['.repeat(200_000), text],
    ['JSON of 100,000 nested arrays', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, text],
    ['JSON of 50,000 nested objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, text],
    [
      'JSON of nested objects that says it is JSON',
      `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
      'application/json',
    ],
    ['a number of 100,000 digits', `[${'9'.repeat(100_000)}]`, text],
    ['a big integer of 300,000 digits', `["$n${'9'.repeat(300_000)}"]`, text],
    ['10,000 parts', formOf(many(10_000, 'x')), multipart],
    ['10,000 parts that refer to each other', formOf(many(10_000, '["$1","$2","$3"]')), multipart],
    [
      '1,000 maps and sets of one part',
      formOf([
        ['0', `[${'"$Q1","$W1",'.repeat(1_000)}0]`],
        ['1', `[${'[0,0],'.repeat(1_000)}[0,0]]`],
      ]),
      multipart,
    ],
    [
      'a part that holds itself',
      formOf([
        ['0', '["$1"]'],
        ['1', '["$0"]'],
      ]),
      multipart,
    ],
    [
      'one part 1,000 times',
      formOf(Array.from({ length: 1_000 }, () => ['0', '["$K1"]'] as const)),
      multipart,
    ],
    [
      'the files of a form 1,000 times',
      formOf([
        ['0', `[${'"$K1",'.repeat(1_000)}0]`],
        ...many(100, 'x').map(([name, value]) => [`_1_${name}`, value] as const),
      ]),
      multipart,
    ],
    [
      'a form without an end',
      `--${boundary}\r\nContent-Disposition: form-data; name="0"\r\n\r\n[`,
      multipart,
    ],
    ['a form of another boundary', formOf([['0', '[]']]), 'multipart/form-data; boundary=other'],
    ['a form without a boundary', formOf([['0', '[]']]), 'multipart/form-data'],
    ['a field name of 100,000 characters', formOf([['a'.repeat(100_000), '']]), multipart],
    [
      'a field name without an end',
      `--${boundary}\r\nContent-Disposition: form-data; name="${'a'.repeat(200_000)}`,
      multipart,
    ],
    ['headers of a part without an end', `--${boundary}\r\n${'X-A: b\r\n'.repeat(20_000)}`, multipart],
    [
      'forms within forms',
      Array.from(
        { length: 1_000 },
        (_, depth) =>
          `--${boundary}${'x'.repeat(depth % 70)}\r\nContent-Type: multipart/mixed; boundary=${boundary}${'x'.repeat((depth + 1) % 70)}\r\n\r\n`,
      ).join(''),
      multipart,
    ],
    ['a part without a name', `--${boundary}\r\n\r\nx\r\n--${boundary}--\r\n`, multipart],
    ['20,000 fields of one name', 'a=1&'.repeat(20_000), 'application/x-www-form-urlencoded'],
    ['2 MB', 'a'.repeat(2_000_000), text],
  ];
}
