/**
 * `node scripts/compare-builds.ts` builds these sources once more, in a copy elsewhere, and compares the output with the one
 * that is here. With two folders as arguments it compares these.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compareBuilds, digestBuild } from './build-digest.ts';
import { copyRepository, runInCopy } from './repository-copy.ts';

const output = '.next/standalone';
const timeoutMs = 30 * 60_000;
const [one = output, other] = process.argv.slice(2);
if (existsSync(one)) process.exitCode = await compare();
else {
  console.error(`There is no build in ${one}: npm run build.`);
  process.exitCode = 1;
}

async function compare(): Promise<number> {
  const here = digestBuild(one);
  if (here.size === 0) {
    console.error(`${one} is empty.`);
    return 1;
  }
  const differences = compareBuilds(here, other === undefined ? await digestAnother() : digestBuild(other));
  for (const { path, reason } of differences) console.log(`${path}: ${reason ?? 'is different'}`);
  const unexplained = differences.filter(({ reason }) => reason === null).length;
  console.log(`${here.size} files: ${unexplained} differ without a known reason.`);
  return unexplained === 0 ? 0 : 1;
}

async function digestAnother() {
  console.log('Building a copy …');
  const copy = copyRepository();
  try {
    const build = ['env', `BASE_PATH=${process.env.BASE_PATH ?? ''}`, 'npm', 'run', '--silent', 'build'];
    await runInCopy(copy, build, timeoutMs);
    return digestBuild(join(copy, output));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
