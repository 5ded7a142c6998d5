/**
 * The environment, the command and the port of each process of the stack on one machine. Pure but for the
 * paths.
 */
import { join } from 'node:path';
import { type SampleSecrets, sampleAccountEmails } from '../sample/secrets.ts';
import type { SampleSettings } from '../sample/settings.ts';

export type ServerName = 'authorization server' | 'API' | 'application' | `application ${number}`;

export type Running = { pid?: number; stop(): Promise<void>; kill(): Promise<void> };

/** Starts one of the bundled servers in another way than as a process. */
export type StartSample = (
  name: ServerName,
  env: Readonly<Record<string, string | undefined>>,
  onLine: (line: string) => void,
) => Promise<Running>;

type Environment = Readonly<Record<string, string | undefined>>;

export type StackOptions = {
  /** Port of the public origin: of the one instance, or of the balancer in front of several. */
  appPort: number;
  authorizationServerPort: number;
  /** Where it listens, when something stands in front of its port. */
  authorizationServerListenPort?: number;
  apiPort: number;
  /** Of the calendar, in the process of the API; the next one when left out. */
  calendarPort?: number;
  stateFolder: string;
  /** More environment for all processes, such as `SAMPLE_ACCESS_TOKEN_SEC`. */
  env?: Readonly<Record<string, string>>;
  /** Ports of the instances, when there are several. */
  instancePorts?: readonly number[];
  isDevelopment?: boolean;
  /** Of the build, such as `/portal`. */
  basePath?: string;
  onLine?: (server: ServerName, line: string) => void;
  startSample?: StartSample;
  /** Bundled servers that are not started. */
  without?: readonly ServerName[];
  /** All settings of the application, in place of those for the bundled servers. */
  appEnv?: Environment;
};

const root = join(import.meta.dirname, '..');

export function describeSample(options: StackOptions, appUrl: string): Record<string, string> {
  return {
    SAMPLE_APP_URL: appUrl,
    SAMPLE_AS_PORT: String(options.authorizationServerPort),
    SAMPLE_AS_LISTEN_PORT: String(options.authorizationServerListenPort ?? options.authorizationServerPort),
    SAMPLE_API_PORT: String(options.apiPort),
    SAMPLE_CALENDAR_PORT: String(options.calendarPort ?? options.apiPort + 1),
    SAMPLE_STATE_FOLDER: options.stateFolder,
    SAMPLE_BACKCHANNEL_LOGOUT_URI: `${appUrl}/auth/back-channel-logout`,
    // They are compiled from TypeScript each time they start: half of what a start costs.
    NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/sample'),
    ...options.env,
  };
}

export function describeApp(
  options: StackOptions,
  settings: SampleSettings,
  secrets: SampleSecrets,
): Record<string, string> {
  return {
    AUTH_URL: settings.appUrl,
    AUTH_SECRET: `1:${secrets.appSecret}`,
    AUTH_ISSUER: settings.issuer,
    AUTH_CLIENT_ID: secrets.clientId,
    AUTH_CLIENT_SECRET: secrets.clientSecret,
    AUTH_AUDIENCE: settings.apiIdentifier,
    AUTH_PAR: 'always',
    AUTH_SIGNING_ALG: 'RS256',
    // There is one instance here, or they share Redis.
    AUTH_BACKCHANNEL_LOGOUT: 'single-instance',
    API_BASE_URL: settings.apiIdentifier,
    CALENDAR_AUDIENCE: settings.calendarIdentifier,
    CALENDAR_BASE_URL: settings.calendarIdentifier,
    DEMO_ACCOUNTS: sampleAccountEmails.map((email) => `${email}=${secrets.passwords[email]}`).join(','),
    HOSTNAME: '127.0.0.1',
    ...options.env,
  };
}

/** Nothing of the surrounding environment but what a process needs to run. */
export function baseEnv({ isDevelopment }: StackOptions): Environment {
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

export function commandOf(name: ServerName, { isDevelopment, appPort }: StackOptions): string[] {
  if (name === 'API') return [join(root, 'sample/api/main.ts')];
  if (name === 'authorization server') return [join(root, 'sample/authorization-server/main.ts')];
  if (!isDevelopment) return startOf(join(root, '.next/standalone'));
  const next = join(root, 'node_modules/next/dist/bin/next');
  return [next, 'dev', '--port', String(appPort), '--hostname', '127.0.0.1'];
}

/** As `npm start` does: the process reads its own folder, writes nowhere and starts nothing. */
export function startOf(folder: string): string[] {
  return ['--permission', `--allow-fs-read=${folder}`, join(folder, 'server.js')];
}

/** `application`, `application 2`, …: one for each port. */
export function listInstances({
  appPort,
  instancePorts = [appPort],
}: StackOptions): { name: ServerName; port: number }[] {
  return instancePorts.map((port, index) => ({
    name: index === 0 ? ('application' as const) : (`application ${index + 1}` as const),
    port,
  }));
}

export function isApplication(name: ServerName): boolean {
  return name.startsWith('application');
}
