/** The doctor's findings as lines for people, or as JSON for machines. Pure. */
import { type Finding, hasErrors, type Level } from './finding';

const labels: Record<Level, string> = { ok: 'ok     ', warning: 'warning', error: 'ERROR  ' };

export function printFindings(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ level, check, words, mend, variable }) => {
    const remedy = [variable, mend].filter((part) => part !== undefined).join(': ');
    const line = `${labels[level]}  ${check.padEnd(14)}  ${words}`;
    return remedy === '' ? [line] : [line, `${' '.repeat(25)}→ ${remedy}`];
  });
  return `${[...lines, '', summarize(findings)].join('\n')}\n`;
}

export function printJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ status: hasErrors(findings) ? 'error' : 'ok', findings }, null, 2)}\n`;
}

function summarize(findings: readonly Finding[]): string {
  const count = (level: Level) => {
    const number = findings.filter((finding) => finding.level === level).length;
    return `${number} ${level}${number === 1 ? '' : 's'}`;
  };
  const verdict = hasErrors(findings) ? 'This deployment does not work yet' : 'Users can sign in';
  return `${verdict}: ${count('error')}, ${count('warning')}.`;
}
