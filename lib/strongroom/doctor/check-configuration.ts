/** Everything that is wrong with the environment, at once and in the words of the start. */
import 'server-only';
import { listConfigProblems, listUnknownVariables } from '../config/config';
import { type Finding, findingsOf } from './finding';

const { ok, warning, error } = findingsOf('configuration');

export function checkConfiguration(): Finding[] {
  const problems = listConfigProblems();
  const unknown = listUnknownVariables();
  return [
    ...(problems.length === 0 ? [ok('every variable that is set can be used')] : []),
    ...problems.map(({ variable, problem }) =>
      error(`${variable} ${problem}`, { variable, mend: `see docs/configuration.md` }),
    ),
    ...unknown.map(({ name, nearest }) =>
      warning(`${name} has no effect`, {
        variable: name,
        mend: nearest === null ? 'remove it' : `did you mean ${nearest}?`,
      }),
    ),
  ];
}
