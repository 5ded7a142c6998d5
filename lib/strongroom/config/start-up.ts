/**
 * Stops the start where the application cannot work: when the configuration is wrong, with everything that is
 * wrong with it at once, or on a host without a server.
 */
import 'server-only';
import { AppError } from '../base/errors';
import { logEvent, logFailure, logWarning } from '../base/log';
import { getConfig, listConfigProblems, listUnknownVariables } from './config';
import type { ConfigProblem } from './config-problem';
import { getDeclaration } from './declaration';
import { isDevelopment } from './mode';
import type { Config } from './parse-config';
import { describeUnknown } from './unknown-variables';
import { isSafeAddress } from './web-address';

/** Ends the process: a terminal shows the words as they are, and everything else gets one line of the log. */
export function rejectToStart(words: string): never {
  if (process.stderr.isTTY) process.stderr.write(words);
  else logFailure('not_started', new AppError('configuration_invalid'), { text: inOneLine(words) });
  process.exit(1);
}

function inOneLine(words: string): string {
  const parts = words.split('\n').map((part) => part.trim());
  return parts.filter((part) => part !== '').join(' · ');
}

/** Hosts that call a function for each request, by the variable that they set. */
const functionHosts: Readonly<Record<string, string>> = {
  VERCEL: 'Vercel',
  NETLIFY: 'Netlify',
  AWS_LAMBDA_FUNCTION_NAME: 'AWS Lambda',
  FUNCTIONS_WORKER_RUNTIME: 'Azure Functions',
  FUNCTION_TARGET: 'Google Cloud Functions',
};

/**
 * Without an HTTP server of this process nothing could be checked before Next sees it. One that was not
 * handed over is Next's own, which listens by now.
 */
export function rejectHostWithoutServer(): void {
  const variable = Object.keys(functionHosts).find((name) => (process.env[name] ?? '') !== '');
  if (variable === undefined && process.getActiveResourcesInfo().some((name) => /ServerWrap$/.test(name)))
    return;
  rejectToStart(describeHost(variable, getDeclaration().productName));
}

function describeHost(variable: string | undefined, productName: string): string {
  const host =
    variable === undefined
      ? 'no server listens in this process'
      : `this host (${functionHosts[variable]}, as ${variable} says) runs functions`;
  return `\n${productName} does not start: ${host}, and it needs a Node.js server of its own.\n\nRun it with npm start on a host for processes or containers: docs/deployment.md.\n\n`;
}

/**
 * Throwing here would not stop the server: it ends the process with code 1.
 * @param problems of the environment, or of what it names
 */
export function rejectToStartUnconfigured(problems = listConfigProblems()): void {
  if (problems.length === 0) return;
  const unknown = listUnknownVariables().map(describeUnknown);
  rejectToStart(describeProblems(problems, getDeclaration().productName, unknown));
}

/**
 * For what nobody expected. Next would print it and go on, and the server of the build reject every request from then on.
 * In development Next shows it in the terminal and in the browser.
 */
export function failToStart(error: unknown): never {
  if (isDevelopment) throw error;
  logFailure('not_started', error, { text: 'A part of the start has failed.' });
  process.exit(1);
}

export function logStart(): void {
  const unknown = listUnknownVariables().map(describeUnknown);
  if (unknown.length > 0) logWarning('unknown_variables', { variables: unknown.join(', ') });
  const config = getConfig();
  const { appUrl, issuer, issuerInternalUrl, apis, redisUrl, isBackchannelLogoutOn } = config;
  const apiBaseUrl = apis[0].baseUrl;
  const store = redisUrl === null ? 'memory' : 'redis';
  const telemetry = describeTelemetry(config);
  logEvent('started', { appUrl, issuer, apiBaseUrl, store, isBackchannelLogoutOn, ...telemetry });
  if (redisUrl === null) logWarning('store_in_memory', whatMemoryMeans);
  for (const address of [issuerInternalUrl, ...apis.map(({ baseUrl }) => baseUrl)])
    if (address !== null && !isSafeAddress(new URL(address))) logWarning('plain_http', { address });
}

/** What operators may rely on, and what they may miss: no address, which may hold a key. */
export function describeTelemetry({
  metricsAt,
  pushesMetrics,
  traces,
  audit,
}: Pick<Config, 'metricsAt' | 'pushesMetrics' | 'traces' | 'audit'>): Record<string, string> {
  const metrics = [
    ...(metricsAt === null ? [] : [`port ${metricsAt.port}`]),
    ...(pushesMetrics ? ['collector'] : []),
  ];
  return {
    metrics: metrics.join(', ') || 'off',
    traces: traces.isOn ? `${Number((traces.sampledShare * 100).toFixed(4))} % of the requests` : 'off',
    auditLog: audit.destination?.kind ?? 'off',
  };
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
export function describeProblems(
  problems: readonly ConfigProblem[],
  productName: string,
  unknown: readonly string[] = [],
): string {
  const lines = problems.map(({ variable, problem }) => `  ${variable} ${problem}`);
  const count = problems.length === 1 ? '1 setting is' : `${problems.length} settings are`;
  const more = unknown.length === 0 ? '' : `Set and unknown: ${unknown.join(', ')}.\n\n`;
  return `\n${productName} does not start: ${count} missing or wrong.\n\n${lines.join('\n')}\n\n${more}Every variable is described in docs/configuration.md.\n\n`;
}
