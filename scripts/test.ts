/**
 * `npm test`: every check and test one after the other, and one closing line over all of them. With `--fast`, for the inner loop, only what
 * needs no build: format, types, unused code and unit tests.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildCanaries } from './build-canaries.ts';

type Counts = { passed: number; failed: number };
type Step = {
  title: string;
  command: string[];
  env?: Readonly<Record<string, string>>;
  report?: { file: string; count: (report: unknown) => Counts };
};

const folder = 'test-results';
const isFast = process.argv.includes('--fast');
const fastSteps: Step[] = [
  { title: 'format and lint', command: ['biome', 'ci', '--error-on-warnings', '.'] },
  { title: 'types', command: ['npm', 'run', '--silent', 'typecheck'] },
  { title: 'unused code', command: ['knip'] },
  { title: 'unit tests', ...vitest('unit*') },
];
const slowSteps: Step[] = [
  { title: 'build', command: ['npm', 'run', '--silent', 'build'], env: buildCanaries },
  { title: 'flow tests', ...vitest('flow') },
  { title: 'an adopter’s copy', ...vitest('adopter') },
  {
    title: 'browser tests',
    command: ['playwright', 'test'],
    report: { file: `${folder}/browser.json`, count: countPlaywright },
  },
];
const steps = isFast ? fastSteps : [...fastSteps, ...slowSteps];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const total: Counts = { passed: 0, failed: 0 };
for (const step of steps) {
  const { passed, failed } = runStep(step);
  total.passed += passed;
  total.failed += failed;
  // Without a build there is nothing left to test.
  if (step.title === 'build' && failed > 0) break;
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

function runStep({ title, command: [program = '', ...args], env: more, report }: Step): Counts {
  console.log(`\n── ${title}`);
  const startedMs = Date.now();
  // The tools and their workers start many times, each from thousands of files.
  const NODE_COMPILE_CACHE = join(import.meta.dirname, '../node_modules/.cache/node');
  const env = { ...process.env, NODE_COMPILE_CACHE, NEXT_TELEMETRY_DISABLED: '1', FORCE_COLOR: '0', ...more };
  const { status } = spawnSync(program, args, { stdio: 'inherit', env });
  const isGood = status === 0;
  const counts =
    report === undefined ? { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1 } : readReport(report, isGood);
  console.log(
    `── ${title}: ${counts.passed} passed, ${counts.failed} failed (${Math.round((Date.now() - startedMs) / 1000)} s)`,
  );
  return counts;
}

/** A runner that exits with an error counts as at least one failure, whatever its report says; one that ran nothing does too. */
function readReport({ file, count }: NonNullable<Step['report']>, isGood: boolean): Counts {
  try {
    const counts = count(JSON.parse(readFileSync(file, 'utf8')));
    const isCredible = counts.passed + counts.failed > 0 && (isGood || counts.failed > 0);
    return isCredible ? counts : { ...counts, failed: Math.max(counts.failed, 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function vitest(project: string): Pick<Step, 'command' | 'report'> {
  const file = `${folder}/${project}.json`;
  const command = [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${file}`,
  ];
  return { command, report: { file, count: countVitest } };
}

function countVitest(report: unknown): Counts {
  const { numPassedTests, numFailedTests } = report as { numPassedTests: number; numFailedTests: number };
  return { passed: numPassedTests, failed: numFailedTests };
}

function countPlaywright(report: unknown): Counts {
  const { stats } = report as { stats: { expected: number; unexpected: number; flaky: number } };
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected };
}
