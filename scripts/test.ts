/**
 * `npm test`: every check and test one after the other, one closing line over all of them, and what failed. With `--fast`, for the inner
 * loop, only what needs no build: format, types, unused code and unit tests.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildCanaries } from './build-canaries.ts';
import { describeFailures, type Outcome, readPlaywrightReport, readVitestReport } from './test-reports.ts';

type Step = {
  title: string;
  command: string[];
  env?: Readonly<Record<string, string>>;
  report?: { file: string; read: typeof readVitestReport | typeof readPlaywrightReport };
};

const root = join(import.meta.dirname, '..');
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
    report: { file: `${folder}/browser.json`, read: readPlaywrightReport },
  },
];
const steps = isFast ? fastSteps : [...fastSteps, ...slowSteps];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const outcomes: Outcome[] = [];
for (const step of steps) {
  const outcome = runStep(step);
  outcomes.push(outcome);
  // Without a build there is nothing left to test.
  if (step.title === 'build' && outcome.failed > 0) break;
}
const passed = sum(outcomes.map((outcome) => outcome.passed));
const failed = sum(outcomes.map((outcome) => outcome.failed));
console.log(`\n${passed} passed, ${failed} failed`);
if (failed > 0) console.log(describeFailures(outcomes.flatMap(({ failures }) => failures)));
process.exit(failed === 0 ? 0 : 1);

function runStep({ title, command: [program = '', ...args], env: more, report }: Step): Outcome {
  console.log(`\n── ${title}`);
  const startedMs = Date.now();
  // The tools and their workers start many times, each from thousands of files.
  const NODE_COMPILE_CACHE = join(root, 'node_modules/.cache/node');
  const env = { ...process.env, NODE_COMPILE_CACHE, NEXT_TELEMETRY_DISABLED: '1', FORCE_COLOR: '0', ...more };
  const { status } = spawnSync(program, args, { stdio: 'inherit', env });
  const outcome = readOutcome(title, status === 0, report);
  const { passed, failed } = outcome;
  const tookSec = Math.round((Date.now() - startedMs) / 1000);
  console.log(`── ${title}: ${passed} passed, ${failed} failed (${tookSec} s)`);
  return outcome;
}

/** A runner that exits with an error counts as at least one failure, whatever its report says; one that ran nothing does too. */
function readOutcome(title: string, isGood: boolean, report: Step['report']): Outcome {
  const failure = { file: title, name: 'failed as a whole', message: 'Its output above says why.' };
  if (report === undefined)
    return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, failures: isGood ? [] : [failure] };
  try {
    const outcome = report.read(JSON.parse(readFileSync(report.file, 'utf8')), root);
    const isCredible = outcome.failed > 0 || (isGood && outcome.passed > 0);
    return isCredible ? outcome : { ...outcome, failed: 1, failures: [failure] };
  } catch {
    return { passed: 0, failed: 1, failures: [failure] };
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
  return { command, report: { file, read: readVitestReport } };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
