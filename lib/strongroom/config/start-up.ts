/** Stops the start when the configuration cannot work, and lists everything that is wrong with it at once. */
import 'server-only';
import { logEvent, logWarning } from '../base/log';
import { getConfig, listConfigProblems } from './config';
import { getDeclaration } from './declaration';
import type { ConfigProblem } from './parse-config';

/** Throwing here would not stop the server: it ends the process with code 1. */
export function rejectToStartUnconfigured(): void {
  const problems = listConfigProblems();
  if (problems.length > 0) {
    process.stderr.write(describeProblems(problems, getDeclaration().productName));
    process.exit(1);
  }
  const { appOrigin, issuer, apiBaseUrl, redisUrl, isBackchannelLogoutOn } = getConfig();
  const store = redisUrl === null ? 'memory' : 'redis';
  logEvent('started', { appOrigin, issuer, apiBaseUrl, store, isBackchannelLogoutOn });
  if (redisUrl === null) logWarning('store_in_memory', whatMemoryMeans);
}

/**
 * For the log: without Redis, this process shares nothing with other instances and forgets these things when
 * it restarts.
 */
const whatMemoryMeans = {
  instances: 'one only; set REDIS_URL for several',
  forgottenOnRestart:
    'revoked sessions, consumed sign-in transactions, refresh results, tokens too large for a cookie',
};

/** Pure. */
export function describeProblems(problems: readonly ConfigProblem[], productName: string): string {
  const lines = problems.map(({ variable, problem }) => `  ${variable} ${problem}`);
  const count = problems.length === 1 ? '1 setting is' : `${problems.length} settings are`;
  return `\n${productName} does not start: ${count} missing or wrong.\n\n${lines.join('\n')}\n\nEvery variable is described in docs/configuration.md and .env.example.\n\n`;
}
