/** What a check of the doctor found: one line, and how to mend it. Pure. */

export type Level = 'ok' | 'warning' | 'error';

export type Finding = {
  /** `error`: users cannot sign in, or no page has data. */
  level: Level;
  check: string;
  words: string;
  /** What to do, in one sentence. */
  mend?: string;
  /** The variable to change. */
  variable?: string;
};

export type Remedy = Pick<Finding, 'mend' | 'variable'>;

/** Findings of one check, by level. */
export function findingsOf(check: string) {
  const at =
    (level: Level) =>
    (words: string, remedy: Remedy = {}): Finding => ({ level, check, words, ...remedy });
  return { ok: at('ok'), warning: at('warning'), error: at('error') };
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some(({ level }) => level === 'error');
}
