/**
 * The whole of Strongroom on one machine: application, bundled authorization server, bundled API, each a process and an origin of its own.
 * The demo and the tests start it from here.
 */
import { join } from 'node:path';
import { readOrCreateSecrets, type SampleSecrets, sampleAccountEmails } from '../sample/secrets.ts';
import { readSampleSettings, type SampleSettings } from '../sample/settings.ts';
import { type Child, startChild, waitUntilReady } from './child.ts';

export type StackOptions = {
  appPort: number;
  authorizationServerPort: number;
  apiPort: number;
  stateFolder: string;
  /** More environment for all three, such as `SAMPLE_ACCESS_TOKEN_SEC`. */
  env?: Readonly<Record<string, string>>;
  isDevelopment?: boolean;
  onLine?: (server: ServerName, line: string) => void;
};

export type ServerName = 'application' | 'authorization server' | 'API';

export type Stack = {
  appOrigin: string;
  settings: SampleSettings;
  secrets: SampleSecrets;
  /** Starts one server (again) and waits until it answers. */
  start(server: ServerName): Promise<void>;
  stop(server: ServerName): Promise<void>;
  /** Resolves with the name of the first server that ends by itself. */
  firstEnd: Promise<ServerName>;
  close(): Promise<void>;
};

const root = join(import.meta.dirname, '..');
const serverNames: readonly ServerName[] = ['authorization server', 'API', 'application'];

export async function startStack(options: StackOptions): Promise<Stack> {
  const stack = createStack(options);
  try {
    await Promise.all(serverNames.map((name) => stack.start(name)));
  } catch (error) {
    await stack.close();
    throw error;
  }
  return stack;
}

function createStack(options: StackOptions): Stack {
  const appOrigin = `http://localhost:${options.appPort}`;
  const sampleEnv = describeSample(options, appOrigin);
  const settings = readSampleSettings(sampleEnv);
  const secrets = readOrCreateSecrets(settings.stateFolder);
  const appEnv = { ...baseEnv(options), ...describeApp(options, settings, secrets) };
  const running = new Map<ServerName, Child>();
  const end = Promise.withResolvers<ServerName>();

  async function start(name: ServerName): Promise<void> {
    const env = name === 'application' ? appEnv : { ...baseEnv(options), ...sampleEnv };
    const child = startChild({
      name,
      args: commandOf(name, options),
      env,
      cwd: root,
      onLine: (line) => options.onLine?.(name, line),
    });
    running.set(name, child);
    void child.ended.then(() => running.get(name) === child && end.resolve(name));
    await waitUntilReady(child, addressOf(name, appOrigin, settings));
  }

  async function stop(name: ServerName): Promise<void> {
    const child = running.get(name);
    running.delete(name);
    await child?.stop();
  }

  const close = async () => void (await Promise.all(serverNames.map(stop)));
  return { appOrigin, settings, secrets, start, stop, firstEnd: end.promise, close };
}

function describeSample(options: StackOptions, appOrigin: string): Record<string, string> {
  return {
    SAMPLE_APP_ORIGIN: appOrigin,
    SAMPLE_AS_PORT: String(options.authorizationServerPort),
    SAMPLE_API_PORT: String(options.apiPort),
    SAMPLE_STATE_FOLDER: options.stateFolder,
    ...options.env,
  };
}

function describeApp(
  options: StackOptions,
  settings: SampleSettings,
  secrets: SampleSecrets,
): Record<string, string> {
  return {
    AUTH_URL: settings.appOrigin,
    AUTH_SECRET: `1:${secrets.appSecret}`,
    AUTH_ISSUER: settings.issuer,
    AUTH_CLIENT_ID: secrets.clientId,
    AUTH_CLIENT_SECRET: secrets.clientSecret,
    AUTH_AUDIENCE: settings.apiIdentifier,
    AUTH_PAR: 'always',
    API_BASE_URL: settings.apiIdentifier,
    DEMO_ACCOUNTS: sampleAccountEmails.map((email) => `${email}=${secrets.passwords[email]}`).join(','),
    PORT: String(options.appPort),
    HOSTNAME: '127.0.0.1',
    ...options.env,
  };
}

/** Nothing of the surrounding environment but what a process needs to run. */
function baseEnv({ isDevelopment }: StackOptions): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    TMPDIR,
    NODE_ENV: isDevelopment ? 'development' : 'production',
    SAMPLE_ALLOW_PRODUCTION: 'demo',
    NEXT_TELEMETRY_DISABLED: '1',
  };
}

function commandOf(name: ServerName, { isDevelopment, appPort }: StackOptions): string[] {
  if (name === 'API') return [join(root, 'sample/api/main.ts')];
  if (name === 'authorization server') return [join(root, 'sample/authorization-server/main.ts')];
  if (!isDevelopment) return [join(root, '.next/standalone/server.js')];
  return [
    join(root, 'node_modules/next/dist/bin/next'),
    'dev',
    '--port',
    String(appPort),
    '--hostname',
    '127.0.0.1',
  ];
}

function addressOf(name: ServerName, appOrigin: string, settings: SampleSettings): string {
  if (name === 'application') return `${appOrigin}/healthz`;
  if (name === 'API') return `${settings.apiIdentifier}/healthz`;
  return `${settings.issuer}/.well-known/openid-configuration`;
}
