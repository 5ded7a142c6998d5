/** One step of `npm test`: a command in a process of its own, its output, and what its report says. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome, readPlaywrightReport, readVitestReport } from './test-reports.ts';

export type Step = {
  title: string;
  command: string[];
  env?: Readonly<Record<string, string>>;
  report?: { file: string; read: typeof readVitestReport | typeof readPlaywrightReport };
  /** Nothing that follows can work without it. */
  isNeeded?: boolean;
};

export type StepOutcome = Outcome & {
  /** Whether a needed step failed. */
  isEnd: boolean;
};

type StepOptions = {
  root: string;
  /** Where a step that is not live writes its output, to be shown in one piece when it has ended. */
  folder: string;
  isLive: boolean;
};

export async function runStep(step: Step, { root, folder, isLive }: StepOptions): Promise<StepOutcome> {
  const startedMs = Date.now();
  console.log(`\n── ${step.title}${isLive ? '' : ' (beside; its output follows when it has ended)'}`);
  const file = join(folder, `${step.title.replaceAll(/\W+/g, '-')}.log`);
  const output = isLive ? null : openSync(file, 'w');
  const isGood = (await runCommand(step, root, output ?? 'inherit')) === 0;
  if (output !== null) {
    closeSync(output);
    console.log(`\n── ${step.title}: output\n${readFileSync(file, 'utf8').trimEnd()}`);
  }
  const outcome = readOutcome(step, isGood, root);
  const { passed, failed } = outcome;
  const tookSec = Math.round((Date.now() - startedMs) / 1000);
  console.log(`── ${step.title}: ${passed} passed, ${failed} failed (${tookSec} s)`);
  return { ...outcome, isEnd: step.isNeeded === true && failed > 0 };
}

function runCommand(
  { command: [program = '', ...args], env: more }: Step,
  root: string,
  output: number | 'inherit',
): Promise<number | null> {
  // The tools and their workers start many times, each from thousands of files.
  const NODE_COMPILE_CACHE = join(root, 'node_modules/.cache/node');
  const env = { ...process.env, NODE_COMPILE_CACHE, NEXT_TELEMETRY_DISABLED: '1', FORCE_COLOR: '0', ...more };
  const child = spawn(program, args, { stdio: ['ignore', output, output], env });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${program} cannot be started: ${error.message}`);
      resolve(null);
    });
    child.once('close', resolve);
  });
}

/** A runner that exits with an error counts as at least one failure, whatever its report says; one that ran nothing does too. */
function readOutcome({ title, report }: Step, isGood: boolean, root: string): Outcome {
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
