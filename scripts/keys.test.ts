import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseClientKeys } from '../lib/strongroom/config/client-keys';

const script = fileURLToPath(new URL('keys.ts', import.meta.url));

function run(args: string[], AUTH_CLIENT_KEYS = '') {
  const env = { PATH: process.env.PATH, NODE_ENV: 'test', AUTH_CLIENT_KEYS } as NodeJS.ProcessEnv;
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...args], {
    env,
    encoding: 'utf8',
  });
  const lines = [...stdout.matchAll(/^AUTH_CLIENT_KEYS=(.*)$/gm)].map(([, text = '']) => text);
  const kidsOf = (text: string) => {
    const parsed = parseClientKeys(text);
    return typeof parsed === 'string' ? parsed : parsed.map(({ kid }) => kid);
  };
  const published = /^\{\n[\s\S]*?^\}$/m.exec(stdout)?.[0] ?? '';
  return { lines, kids: lines.map(kidsOf), published, stderr, status };
}

it('CA-03: npm run keys makes a key, and with --add the three lines of a roll-over; the set for the server is public', () => {
  const { lines, kids, published } = run(['--alg', 'PS256']);
  const [[first] = []] = kids;
  expect(JSON.parse(published).keys).toMatchObject([{ kid: first, alg: 'PS256', kty: 'RSA' }]);
  const next = run(['--add'], lines[0]);
  const added = next.kids[0]?.[1];
  expect(next.kids).toEqual([[first, added], [added, first], [added]]);
  expect(JSON.parse(next.published).keys.map(({ kid }: { kid: string }) => kid)).toEqual([first, added]);
  for (const text of [published, next.published]) expect(text).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
});

it('LK-03: a key that cannot be added to is named, and not repeated', () => {
  const { status, stderr, lines } = run(['--add'], '{"keys":[{"kty":"EC","d":"canary"}]}');
  expect([status, lines]).toEqual([1, []]);
  expect(stderr).toMatch(/^AUTH_CLIENT_KEYS has no usable key 1: /);
  expect(stderr).not.toContain('canary');
});
