/**
 * `npm run dev`: the application with hot reload, with the authorization server and the APIs that the environment or
 * `.env.local` name, and the bundled ones for what is not named. Ctrl-C ends what it started.
 */
import './typescript-sources.ts';
import { join } from 'node:path';
import nextEnv from '@next/env';
import { readOrCreateSecrets } from '../sample/secrets.ts';
import { readSampleSettings } from '../sample/settings.ts';
import {
  chooseSettings,
  type Development,
  describeDevelopment,
  describeOthers,
  listNotStarted,
  withoutUserinfo,
} from './development.ts';
import { describeApp, describeSample, type StackOptions } from './stack-settings.ts';
import { fail, optionsOf, readPorts, rejectTakenPorts, serveStack } from './terminal-stack.ts';

// Next changes the environment, and leaves a mark on which another Next reads no files.
const surrounding = { ...process.env };
const { combinedEnv: env, loadedEnvFiles: files } = nextEnv.loadEnvConfig(
  join(import.meta.dirname, '..'),
  true,
  { info: () => {}, error: fail },
);
const { declaration } = await import('../lib/declaration.ts');
const development: Development = {
  env,
  apiVariables: Object.values(declaration.apis).map(({ baseUrl }) => baseUrl),
  sourceOf: (name) =>
    surrounding[name] === undefined
      ? (files.find((file) => file.env[name] !== undefined)?.path ?? 'the environment')
      : 'the environment',
};
const ports = readPorts(surrounding, readOwnPort(env.AUTH_ISSUER ? env.AUTH_URL : undefined));
const without = listNotStarted(development);
const needed = [
  ports.application,
  ...(without.includes('authorization server') ? [] : [ports.authorizationServer]),
  ...(without.includes('API') ? [] : [ports.api, ports.calendar]),
];
await rejectTakenPorts(needed, 'npm run dev');

const options = prepare();
const settings = { ...env, ...options.appEnv } as Record<string, string>;
await rejectProblems();
await serveStack(options, ({ appOrigin, secrets }) =>
  describeDevelopment(development, {
    appUrl: settings.AUTH_URL ?? appOrigin,
    listeningAt: appOrigin,
    settings,
    passwords: secrets.passwords,
  }),
);

function prepare(): StackOptions {
  const read = optionsOf(ports, env);
  const options: StackOptions = {
    ...read,
    env: { ...read.env, ...describeOthers(development) },
    isDevelopment: true,
    without,
  };
  const appUrl = `http://localhost:${options.appPort}${options.basePath}`;
  const sample = readSampleSettings(describeSample(options, appUrl));
  const secrets = readOrCreateSecrets(sample.stateFolder, sample.extraAccounts);
  const chosen = chooseSettings(development, describeApp(options, sample, secrets));
  return { ...options, appEnv: { ...surrounding, ...chosen } };
}

/** In the words of the application, before anything is started. */
async function rejectProblems(): Promise<void> {
  const { parseConfig } = await import('../lib/strongroom/config/parse-config.ts');
  const parsed = parseConfig(settings, declaration);
  if (parsed.kind !== 'problems') return;
  const lines = parsed.problems.map(({ variable, problem }) => `  ${variable} ${problem}`);
  const used = ['the environment', ...files.map(({ path }) => path)].join(', ');
  const issuer = env.AUTH_ISSUER ? ` Your authorization server is ${env.AUTH_ISSUER}.` : '';
  const words = [`Nothing was started.${issuer} Settings are read from: ${used}.`, ...lines];
  fail(withoutUserinfo(words.join('\n')));
}

/** Of an AUTH_URL on this machine: the application listens there. */
function readOwnPort(appUrl: string | undefined): number | undefined {
  const url = URL.parse(appUrl?.trim() ?? '');
  const isHere = url?.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname);
  return isHere ? Number(url.port) || 80 : undefined;
}
