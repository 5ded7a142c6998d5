/**
 * `npm run doctor`: examines the deployment that the environment describes and prints what is right, what is
 * wrong, and how to mend it. For scripts/doctor.ts.
 */
import 'server-only';
import { type Declaration, setDeclaration } from '../config/declaration';
import { listDeclarationProblems } from '../config/declaration-schema';
import { examine } from './examine';
import { type Finding, findingsOf, hasErrors } from './finding';
import { printFindings, printJson } from './print-findings';

export type DoctorOptions = {
  isJson: boolean;
  /** For all checks together. */
  withinSec: number | undefined;
  /** What is to be said before all findings. */
  notes?: readonly string[];
};

/** With the start of the process it stays within ten seconds. */
const defaultSec = 8.5;

/** @returns what to print, and the exit code: 1 when users cannot sign in */
export async function runDoctor(
  declaration: Declaration,
  { isJson, withinSec, notes = [] }: DoctorOptions,
): Promise<{ text: string; exitCode: 0 | 1 }> {
  const findings = [
    ...notes.map((words) => findingsOf('configuration').ok(words)),
    ...(await examineWithin(declaration, (withinSec ?? defaultSec) * 1000)),
  ];
  return {
    text: isJson ? printJson(findings) : printFindings(findings),
    exitCode: hasErrors(findings) ? 1 : 0,
  };
}

async function examineWithin(declaration: Declaration, totalMs: number): Promise<Finding[]> {
  const problems = listDeclarationProblems(declaration);
  if (problems.length > 0)
    return problems.map((words) => findingsOf('declaration').error(words, { mend: 'mend the declaration' }));
  setDeclaration(declaration);
  // Three requests follow one another: metadata, client, sign-in.
  return examine({ totalMs, requestMs: Math.floor(totalMs / 3) });
}
