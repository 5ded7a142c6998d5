/**
 * The configuration of this process: read from the environment once. The only reader of `process.env` in the
 * application.
 */
import 'server-only';
import { basePath } from '../base/base-path';
import { setEgressProxy } from '../base/egress';
import { AppError } from '../base/errors';
import { setLogLevel } from '../base/log';
import { processSingleton } from '../base/process-singleton';
import type { Api } from './apis';
import type { ConfigProblem } from './config-problem';
import { getDeclaration } from './declaration';
import { type Config, type ParsedConfig, parseConfig } from './parse-config';
import { findUnknownVariables, type UnknownVariable } from './unknown-variables';
import { listVariables } from './variables';

/**
 * @throws AppError `configuration_invalid` when a variable is missing or wrong; start-up prints which (see
 *   instrumentation.ts)
 */
export function getConfig(): Config {
  const parsed = readConfigOnce();
  if (parsed.kind === 'problems') throw new AppError('configuration_invalid', { reason: 'configuration' });
  return parsed.config;
}

/** Everything that is wrong with the environment; empty when the application can run. */
export function listConfigProblems(): ConfigProblem[] {
  const parsed = readConfigOnce();
  return parsed.kind === 'problems' ? parsed.problems : [];
}

/** Variables of the environment that have no effect, although they look like ours. */
export function listUnknownVariables(): UnknownVariable[] {
  const known = listVariables(getDeclaration()).map(({ name }) => name);
  return findUnknownVariables(Object.keys(process.env), known);
}

function readConfigOnce(): ParsedConfig {
  return processSingleton('config', () => {
    const parsed = parseConfig(process.env, getDeclaration(), basePath());
    if (parsed.kind === 'ok') {
      setLogLevel(parsed.config.logLevel);
      setEgressProxy(parsed.config.egressProxyUrl);
    }
    return parsed;
  });
}

/**
 * The declared API of that name; the first one without a name.
 * @throws AppError `configuration_invalid` for a name that is not declared
 */
export function getApi(name?: string): Api {
  const { apis } = getConfig();
  const api = name === undefined ? apis[0] : apis.find((one) => one.name === name);
  if (api === undefined) throw new AppError('configuration_invalid', { reason: 'api_not_declared' });
  return api;
}
