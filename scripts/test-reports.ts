/** What the runners of `npm test` have written about their tests: how many there were, and which ones failed. Pure. */
import { stripVTControlCharacters } from 'node:util';

export type Failure = { file: string; name: string; message: string };
export type Outcome = { passed: number; failed: number; failures: Failure[] };

type VitestReport = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
  }[];
};

type PlaywrightSuite = {
  specs?: {
    title: string;
    file: string;
    tests: { status: string; results: { errors?: { message?: string }[] }[] }[];
  }[];
  suites?: PlaywrightSuite[];
};
type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number };
  suites: PlaywrightSuite[];
  errors: { message?: string; location?: { file: string } }[];
};

const linesOfMessage = 6;

/** @param root the folder that the names of files start in */
export function readVitestReport(report: VitestReport, root: string): Outcome {
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.replace(`${root}/`, '');
    const failed = assertionResults.filter((one) => one.status === 'failed');
    // A file that could not be loaded, or whose hook failed.
    if (failed.length === 0 && status === 'failed')
      return [
        {
          file,
          name: 'the whole file',
          message: message || 'A hook of it failed; the output above says why.',
        },
      ];
    return failed.map(({ fullName, failureMessages = [] }) => ({
      ...{ file, name: fullName },
      message: failureMessages.join('\n'),
    }));
  });
  return {
    passed: report.numPassedTests,
    failed: Math.max(report.numFailedTests, failures.length),
    failures,
  };
}

export function readPlaywrightReport({ stats, suites, errors }: PlaywrightReport, root: string): Outcome {
  const outside = errors.map(({ message = '', location }) => ({
    ...{ file: (location?.file ?? '').replace(`${root}/`, ''), name: 'outside of a test' },
    message,
  }));
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + outside.length,
    failures: [...suites.flatMap(listUnexpected), ...outside],
  };
}

function listUnexpected({ specs = [], suites = [] }: PlaywrightSuite): Failure[] {
  const own = specs.flatMap(({ title, file, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected')
      .map(({ results }) => ({
        ...{ file: `e2e/${file}`, name: title },
        message: results.flatMap(({ errors = [] }) => errors.map(({ message }) => message ?? '')).join('\n'),
      })),
  );
  return [...own, ...suites.flatMap(listUnexpected)];
}

/** One paragraph for each: whoever sees the last lines of the output alone knows what to look at. */
export function describeFailures(failures: readonly Failure[]): string {
  return failures
    .map(({ file, name, message }) => {
      const lines = stripVTControlCharacters(message)
        .split('\n')
        .map((line) => line.trimEnd())
        .filter((line) => line !== '' && !line.includes('/node_modules/'));
      return [`✗ ${file}: ${name}`, ...lines.slice(0, linesOfMessage).map((line) => `    ${line}`)].join(
        '\n',
      );
    })
    .join('\n');
}
