/**
 * The whole of Strongroom on one machine: application (one instance or several), bundled authorization
 * server, bundled API, each a process and an origin of its own. The demo, the tests and the benches start it
 * from here.
 */
import { join } from 'node:path';
import { readOrCreateSecrets, type SampleSecrets } from '../sample/secrets.ts';
import { readSampleSettings, type SampleSettings } from '../sample/settings.ts';
import { startBalancer } from './balancer.ts';
import { startChild, waitUntilReady } from './child.ts';
import {
  baseEnv,
  commandOf,
  describeApp,
  describeSample,
  isApplication,
  listInstances,
  type Running,
  type ServerName,
  type StackOptions,
} from './stack-settings.ts';

export type { ServerName, StackOptions };

export type Stack = {
  appOrigin: string;
  /** With the base path, if the build has one. */
  appUrl: string;
  /**
   * The origin of each instance with its own port. An instance serves requests for the host of `appOrigin`
   * only.
   */
  instanceOrigins: string[];
  settings: SampleSettings;
  secrets: SampleSecrets;
  /** Starts one server (again) and waits until it responds; `env` is added to its environment. */
  start(server: ServerName, env?: Readonly<Record<string, string>>): Promise<void>;
  stop(server: ServerName): Promise<void>;
  kill(server: ServerName): Promise<void>;
  /** Process id of a running server. */
  pidOf(server: ServerName): number | null;
  /** Resolves with the name of the first server that ends by itself. */
  firstEnd: Promise<ServerName>;
  close(): Promise<void>;
};

const root = join(import.meta.dirname, '..');

export async function startStack(options: StackOptions): Promise<Stack> {
  const stack = createStack(options);
  const { instancePorts, without = [] } = options;
  const all = ['authorization server', 'API', ...listInstances(options).map(({ name }) => name)] as const;
  const names = all.filter((name) => !without.includes(name));
  try {
    const balancer = instancePorts === undefined ? null : await startBalancer(options.appPort, instancePorts);
    const close = async () => void (await Promise.all([balancer?.close(), stack.close()]));
    await Promise.all(names.map((name) => stack.start(name)));
    return { ...stack, close };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

function createStack(options: StackOptions): Stack {
  const appOrigin = `http://localhost:${options.appPort}`;
  const appUrl = appOrigin + (options.basePath ?? '');
  const sampleEnv = describeSample(options, appUrl);
  const settings = readSampleSettings(sampleEnv);
  const secrets = readOrCreateSecrets(settings.stateFolder, settings.extraAccounts);
  const instances = listInstances(options);
  const running = new Map<ServerName, Running>();
  const end = Promise.withResolvers<ServerName>();

  function envOf(name: ServerName): Readonly<Record<string, string | undefined>> {
    const port = instances.find((instance) => instance.name === name)?.port;
    return port === undefined
      ? sampleEnv
      : { ...(options.appEnv ?? describeApp(options, settings, secrets)), PORT: String(port) };
  }

  function addressOf(name: ServerName): string {
    if (name === 'API') return `${settings.apiIdentifier}/healthz`;
    if (!isApplication(name)) return `${settings.issuer}/.well-known/openid-configuration`;
    return `http://127.0.0.1:${instances.find((instance) => instance.name === name)?.port}/healthz`;
  }

  async function start(name: ServerName, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const whole = { ...baseEnv(options), ...envOf(name), ...env };
    const onLine = (line: string) => options.onLine?.(name, line);
    if (options.startSample !== undefined && !isApplication(name))
      return void running.set(name, await options.startSample(name, whole, onLine));
    const child = startChild({ name, args: commandOf(name, options), env: whole, cwd: root, onLine });
    running.set(name, child);
    void child.exited.then(() => running.get(name) === child && end.resolve(name));
    await waitUntilReady(child, addressOf(name));
  }

  async function finish(name: ServerName, how: 'stop' | 'kill'): Promise<void> {
    const child = running.get(name);
    running.delete(name);
    await child?.[how]();
  }

  const stop = (name: ServerName) => finish(name, 'stop');
  return {
    appOrigin,
    appUrl,
    instanceOrigins: instances.map(({ port }) => `http://localhost:${port}`),
    settings,
    secrets,
    start,
    stop,
    kill: (name) => finish(name, 'kill'),
    pidOf: (name) => running.get(name)?.pid ?? null,
    firstEnd: end.promise,
    close: async () => void (await Promise.all([...running.keys()].map(stop))),
  };
}
