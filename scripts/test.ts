/**
 * `npm test`: every check and test, one closing line over all of them, and what failed. With `--fast`, for the inner
 * loop, only what needs no build: format, types, unused code and unit tests. With `--proxy`, the flow tests alone, of an
 * output whose pages are reached through Next's proxy in place of the server guard.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildCanaries } from './build-canaries.ts';
import { runStep, type Step, type StepOutcome } from './run-step.ts';
import { describeFailures, readPlaywrightReport, readVitestReport } from './test-reports.ts';

const folder = 'test-results';
const isProxy = process.argv.includes('--proxy');
const isFast = process.argv.includes('--fast');
const root = join(import.meta.dirname, '..');

const types: Step = { title: 'types', command: ['npm', 'run', '--silent', 'typecheck'] };
/** In an adopter's copy nothing proves the seam any more, and what only the sample used is left over. */
const isSampleWhole = existsSync(join(root, 'e2e/adopter'));
const otherChecks: Step[] = [
  { title: 'format and lint', command: ['biome', 'ci', '--error-on-warnings', '.'] },
  ...(isSampleWhole ? [{ title: 'unused code', command: ['knip'] }] : []),
];
const unitTests: Step = { title: 'unit tests', ...vitest('unit*') };
const build: Step = {
  title: 'build',
  command: ['npm', 'run', '--silent', 'build'],
  env: buildCanaries,
  // Without a build there is nothing left to test.
  isNeeded: true,
};
const browserTests: Step = {
  title: 'browser tests',
  command: ['playwright', 'test'],
  report: { file: `${folder}/browser.json`, read: readPlaywrightReport },
};

/** These compare the two ways, and need an output with the guard. */
const ofBothWays = ['both-ways', 'bypass'].flatMap((name) => ['--exclude', `e2e/flow/${name}.test.ts`]);
const flowTests = vitestStep('flow tests', 'flow');
const throughProxy: Step[] = [
  build,
  { title: 'Next’s proxy', command: ['node', 'scripts/restore-proxy.ts'], isNeeded: true },
  { ...flowTests, command: [...flowTests.command, ...ofBothWays] },
];

/**
 * Stages follow one another. The lanes of a stage run at the same time, because many tests wait for a timer or a
 * server; the steps of a lane follow one another.
 */
const inFull: Step[][][] = [
  [otherChecks, [types]],
  [[unitTests], [build]],
  // The copy is checked and built by one process after the other: alone at the end, it would leave cores idle.
  [[...(isSampleWhole ? [vitestStep('an adopter’s copy', 'adopter')] : []), flowTests], [browserTests]],
];
const inShort = isProxy ? throughProxy : [...otherChecks, types, unitTests];
const stages = isFast || isProxy ? [[inShort]] : inFull;

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const outcomes: StepOutcome[] = [];
for (const lanes of stages) {
  const stage = (await Promise.all(lanes.map((lane, at) => runLane(lane, at === 0)))).flat();
  outcomes.push(...stage);
  if (stage.some(({ isEnd }) => isEnd)) break;
}
const passed = sum(outcomes.map((outcome) => outcome.passed));
const failed = sum(outcomes.map((outcome) => outcome.failed));
console.log(`\n${passed} passed, ${failed} failed`);
if (failed > 0) console.log(describeFailures(outcomes.flatMap(({ failures }) => failures)));
process.exit(failed === 0 ? 0 : 1);

/** @param isLive whether its output is shown as it comes, and not at the end of each step */
async function runLane(lane: readonly Step[], isLive: boolean): Promise<StepOutcome[]> {
  const done: StepOutcome[] = [];
  for (const step of lane) done.push(await runStep(step, { root, folder, isLive }));
  return done;
}

function vitestStep(title: string, project: string): Step {
  return { title, ...vitest(project) };
}

function vitest(project: string): Pick<Step, 'command' | 'report'> {
  const file = `${folder}/${project}.json`;
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${file}`];
  const command = ['vitest', 'run', '--project', project, ...reporters];
  return { command, report: { file, read: readVitestReport } };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
