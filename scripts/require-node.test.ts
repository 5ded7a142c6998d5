import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

it('every command that is a script of ours and has no set-up says what is missing, and shows no stack', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const bare = Object.entries(scripts).filter(
    ([name, command]) => /^node (?!.*require-node\.mjs).*\.ts/.test(command) && !(`pre${name}` in scripts),
  );
  expect(bare).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-bare-'));
  mkdirSync(join(folder, 'scripts'));
  cpSync(join(root, 'scripts/require-node.mjs'), join(folder, 'scripts/require-node.mjs'));
  writeFileSync(join(folder, 'scripts/any.ts'), 'const one: number = 1; console.log(one);');
  const args = ['--import', './scripts/require-node.mjs', 'scripts/any.ts'];
  const run = () => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  expect(run()).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^Run npm ci first.*\n$/),
  });
  mkdirSync(join(folder, 'node_modules/zod'), { recursive: true });
  expect(run()).toMatchObject({ status: 0, stdout: '1\n', stderr: '' });
  rmSync(folder, { recursive: true });
});
