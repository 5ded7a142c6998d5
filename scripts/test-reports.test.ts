import { describe, expect, it } from 'vitest';
import { describeFailures, readPlaywrightReport, readVitestReport } from './test-reports.ts';

const passed = { fullName: 'adds', status: 'passed', failureMessages: [] };
const failed = {
  fullName: 'sums › subtracts',
  status: 'failed',
  failureMessages: ['Error: 1 is not 2\n  at x'],
};

describe('a report of Vitest', () => {
  const read = (testResults: Parameters<typeof readVitestReport>[0]['testResults'], numFailedTests = 0) =>
    readVitestReport({ numPassedTests: 1, numFailedTests, testResults }, '/root');

  it('gives the failed tests by file and name', () => {
    const file = { name: '/root/lib/sums.test.ts', status: 'failed', assertionResults: [passed, failed] };
    expect(read([file], 1)).toEqual({
      passed: 1,
      failed: 1,
      failures: [
        { file: 'lib/sums.test.ts', name: 'sums › subtracts', message: 'Error: 1 is not 2\n  at x' },
      ],
    });
  });

  it('counts a file without a failed test that failed as a whole', () => {
    const file = {
      ...{ name: '/root/lib/broken.test.ts', status: 'failed' },
      ...{ message: 'Cannot find module', assertionResults: [] },
    };
    const { failed: count, failures } = read([file]);
    expect(count).toBe(1);
    expect(failures).toEqual([
      { file: 'lib/broken.test.ts', name: 'the whole file', message: 'Cannot find module' },
    ]);
  });

  it('names nothing when everything passed', () => {
    const file = { name: '/root/lib/sums.test.ts', status: 'passed', assertionResults: [passed] };
    expect(read([file])).toEqual({ passed: 1, failed: 0, failures: [] });
  });
});

describe('a report of Playwright', () => {
  const spec = (title: string, status: string, message = '') => ({
    ...{ title, file: 'sign-in.spec.ts' },
    tests: [{ status, results: [{ errors: message === '' ? [] : [{ message }] }] }],
  });

  it('gives the unexpected ones of every suite, however deep', () => {
    const inner = { specs: [spec('comes back', 'unexpected', 'Timed out')] };
    const suites = [
      { specs: [spec('signs in', 'expected'), spec('is late', 'flaky', 'once')], suites: [inner] },
    ];
    const stats = { expected: 1, unexpected: 1, flaky: 1 };
    expect(readPlaywrightReport({ stats, suites, errors: [] }, '/root')).toEqual({
      passed: 2,
      failed: 1,
      failures: [{ file: 'e2e/sign-in.spec.ts', name: 'comes back', message: 'Timed out' }],
    });
  });

  it('counts what went wrong outside of every test', () => {
    const errors = [{ message: 'No tests found', location: { file: '/root/e2e/look.spec.ts' } }, {}];
    const stats = { expected: 0, unexpected: 0, flaky: 0 };
    const { failed: count, failures } = readPlaywrightReport({ stats, suites: [], errors }, '/root');
    expect(count).toBe(2);
    expect(failures.map(({ file }) => file)).toEqual(['e2e/look.spec.ts', '']);
  });
});

describe('the list of what failed', () => {
  it('has the first lines of each message, without colours and empty lines', () => {
    const message = [
      '\u001b[31mError\u001b[39m: no',
      '',
      ...Array.from({ length: 9 }, (_, n) => `line ${n}`),
    ].join('\n');
    expect(describeFailures([{ file: 'a.test.ts', name: 'adds', message }]).split('\n')).toEqual([
      '✗ a.test.ts: adds',
      ...['    Error: no', '    line 0', '    line 1', '    line 2', '    line 3', '    line 4'],
    ]);
  });

  it('is empty without failures', () => {
    expect(describeFailures([])).toBe('');
  });
});
