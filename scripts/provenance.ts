/**
 * `npm run provenance`: prints what the build in `.next/standalone` was made of. `-- --builder <URI>` names whoever
 * runs the builds. What cannot be stated is said on standard error.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { digestBuild } from './build-digest.ts';
import { type BuildFacts, describeBuild, unknownBuilder } from './provenance-statement.ts';
import { digestSources } from './source-digest.ts';

const output = '.next/standalone';
try {
  const { values } = parseArgs({ options: { builder: { type: 'string' } } });
  console.log(JSON.stringify(describeBuild(readFacts(values.builder)), null, 2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function readFacts(builder: string | undefined): BuildFacts {
  if (builder !== undefined && !URL.canParse(builder))
    throw new Error(`--builder ${builder} is no URI, such as https://ci.example.com/builder.`);
  if (!existsSync(`${output}/.next/BUILD_ID`))
    throw new Error(`There is no build in ${output}: npm run build.`);
  const { sha256, buildId } = digestSources('.', process.env);
  if (readFileSync(`${output}/.next/BUILD_ID`, 'utf8') !== buildId)
    throw new Error(`The build in ${output} is of other sources than these: npm run build.`);
  if (builder === undefined) note('No builder is named: --builder <URI> says who runs the builds.');
  const { version } = JSON.parse(readFileSync('lib/strongroom/package.json', 'utf8')) as { version: string };
  return {
    version,
    files: digestBuild(output),
    sources: sha256,
    lockFile: createHash('sha256').update(readFileSync('package-lock.json')).digest('hex'),
    commit: readCommit(),
    basePath: process.env.BASE_PATH?.trim() ?? '',
    nodeVersion: process.version,
    builder: builder ?? unknownBuilder,
  };
}

function readCommit(): BuildFacts['commit'] {
  const id = askGit('rev-parse', 'HEAD');
  if (id === null) {
    note('This folder is no Git repository: the sources are named by their hash alone.');
    return null;
  }
  if (askGit('status', '--porcelain') !== '') {
    note('The work tree is not that of the commit: the sources are named by their hash alone.');
    return null;
  }
  return { id, remote: askGit('remote', 'get-url', 'origin') };
}

function askGit(...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function note(text: string): void {
  console.error(`${text}\n`);
}
