/**
 * A stack that a person starts from a terminal, for `npm run demo` and `npm run dev`: its ports must be free, its
 * lines have labels, and Ctrl-C ends all of it.
 */
import { isPortFree } from './ports.ts';
import { type ServerName, type Stack, type StackOptions, startStack } from './stack.ts';

type Environment = Readonly<Record<string, string | undefined>>;
export type Port = { variable: string; port: number; what: string };
export type Ports = Record<'application' | 'authorizationServer' | 'api' | 'calendar', Port>;

const labels: Partial<Record<ServerName, string>> = {
  application: '[app]',
  'authorization server': '[as] ',
  API: '[api]',
};

/** What may be tried out from the surrounding environment. */
const passedOnNames = [
  'SAMPLE_ACCESS_TOKEN_SEC',
  'SAMPLE_REFRESH_TOKEN_SEC',
  'SAMPLE_ROTATE_REFRESH_TOKENS',
  'SAMPLE_ACCESS_TOKEN_PADDING',
  'SAMPLE_FRESH_SIGN_IN_SEC',
  'SAMPLE_REQUIRED_ACR',
  'SAMPLE_EXTRA_ACCOUNTS',
  'AUTH_SCOPES',
  'AUTH_PAR',
  'SESSION_MAX_HOURS',
  'SESSION_IDLE_MINUTES',
  'SESSION_ENDS_WITH_BROWSER',
  'SESSION_BINDING',
  'SESSION_BINDING_LIFETIME',
  'REDIS_TLS_CLIENT',
  'COOKIE_NAME',
  'SESSIONS_NOT_BEFORE',
  'REDIS_URL',
  'REVOCATION_CHECK',
  'RATE_LIMIT_PER_MINUTE',
  'LOG_LEVEL',
];

export function readPorts(env: Environment, appPort = 3000): Ports {
  const read = (variable: string, fallback: number, what: string): Port => {
    const port = Number(env[variable] || fallback);
    if (Number.isInteger(port) && port > 0 && port < 65_536) return { variable, port, what };
    return fail(`${variable} must be a port number, not "${env[variable]}".`);
  };
  const api = read('SAMPLE_API_PORT', 4001, 'API');
  return {
    application: read('PORT', appPort, 'application'),
    authorizationServer: read('SAMPLE_AS_PORT', 4000, 'authorization server'),
    api,
    calendar: read('SAMPLE_CALENDAR_PORT', api.port + 1, 'calendar'),
  };
}

export async function rejectTakenPorts(ports: readonly Port[], command: string): Promise<void> {
  for (const { variable, port, what } of ports)
    if (!(await isPortFree(port)))
      fail(
        `Port ${port} for the ${what} is taken. End what uses it, or choose another: ${variable}=${port + 10} ${command}`,
      );
}

export function optionsOf(ports: Ports, env: Environment): StackOptions {
  const passedOn = passedOnNames.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  return {
    appPort: ports.application.port,
    authorizationServerPort: ports.authorizationServer.port,
    apiPort: ports.api.port,
    calendarPort: ports.calendar.port,
    stateFolder: env.SAMPLE_STATE_FOLDER ?? '.demo',
    env: Object.fromEntries(passedOn),
    basePath: env.BASE_PATH?.trim() ?? '',
  };
}

/** Serves until a signal or the end of one of the servers, and ends this process. */
export async function serveStack(options: StackOptions, welcome: (stack: Stack) => string): Promise<never> {
  const onLine = (server: ServerName, line: string) => console.log(`${labels[server]} ${line}`);
  const stack = await startStack({ ...options, onLine }).catch((error: Error) =>
    fail(`${error.message} The lines above say why.`),
  );
  const end = async (code: number): Promise<never> => {
    await stack.close();
    process.exit(code);
  };
  // Before the line that others wait for: they may end us right after it.
  process.once('SIGINT', () => void end(0));
  process.once('SIGTERM', () => void end(0));
  console.log(welcome(stack));
  const exited = await stack.firstEnd;
  console.error(`The ${exited} has ended; ending the rest.`);
  return end(1);
}

export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
