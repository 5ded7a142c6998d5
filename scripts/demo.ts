/**
 * `npm run demo` and `npm run dev`: everything on this machine, with accounts to sign in with. Ctrl-C ends
 * all of it.
 */
import { spawnSync } from 'node:child_process';
import { sampleAccountEmails } from '../sample/secrets.ts';
import { isPortFree } from './ports.ts';
import { type ServerName, type Stack, startStack } from './stack.ts';

const labels: Partial<Record<ServerName, string>> = {
  application: '[app]',
  'authorization server': '[as] ',
  API: '[api]',
};
const isDevelopment = process.argv.includes('--dev');
const apiPort = readPort('SAMPLE_API_PORT', 4001);
const ports = [
  { variable: 'PORT', port: readPort('PORT', 3000), what: 'application' },
  { variable: 'SAMPLE_AS_PORT', port: readPort('SAMPLE_AS_PORT', 4000), what: 'authorization server' },
  { variable: 'SAMPLE_API_PORT', port: apiPort, what: 'API' },
  { variable: 'SAMPLE_CALENDAR_PORT', port: readPort('SAMPLE_CALENDAR_PORT', apiPort + 1), what: 'calendar' },
] as const;

await rejectTakenPorts();
if (!isDevelopment) build();
const stack = await startStack({
  appPort: ports[0].port,
  authorizationServerPort: ports[1].port,
  apiPort: ports[2].port,
  calendarPort: ports[3].port,
  stateFolder: process.env.SAMPLE_STATE_FOLDER ?? '.demo',
  env: passedOn(),
  isDevelopment,
  basePath: process.env.BASE_PATH ?? '',
  onLine: (server, line) => console.log(`${labels[server]} ${line}`),
}).catch((error: Error) => fail(`${error.message} The lines above say why.`));
console.log(welcome(stack));
process.once('SIGINT', () => void end(0));
process.once('SIGTERM', () => void end(0));
const exited = await stack.firstEnd;
console.error(`The ${exited} has ended; ending the rest.`);
await end(1);

async function end(code: number): Promise<never> {
  await stack.close();
  process.exit(code);
}

async function rejectTakenPorts(): Promise<void> {
  for (const { variable, port, what } of ports)
    if (!(await isPortFree(port)))
      fail(
        `Port ${port} for the ${what} is taken. End what uses it, or choose another: ${variable}=${port + 10} npm run demo`,
      );
}

/** Only once nothing else is running from this folder: a build replaces the one that is served. */
function build(): void {
  // npm says where it is, so that no shell has to find it.
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm];
  const { status } = spawnSync(command, [...first, 'run', '--silent', 'build'], { stdio: 'inherit' });
  if (status !== 0) fail('The build failed; the lines above say why.');
}

/** What may be tried out in the demo from the surrounding environment. */
function passedOn(): Record<string, string> {
  const names = [
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
    'COOKIE_NAME',
    'SESSIONS_NOT_BEFORE',
    'REDIS_URL',
    'REVOCATION_CHECK',
    'RATE_LIMIT_PER_MINUTE',
    'LOG_LEVEL',
  ];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function readPort(variable: string, fallback: number): number {
  const port = Number(process.env[variable] || fallback);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  return fail(`${variable} must be a port number, not "${process.env[variable]}".`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function welcome({ appUrl, settings, secrets }: Stack): string {
  const accounts = sampleAccountEmails.map(
    (email) => `    ${email.padEnd(24)} ${secrets.passwords[email] ?? ''}`,
  );
  return [
    '',
    `  Strongroom is ready:    ${appUrl}`,
    `  Authorization server:   ${settings.issuer}`,
    `  Protected API:          ${settings.apiIdentifier}`,
    `  The calendar, another:  ${settings.calendarIdentifier}`,
    '',
    '  Accounts to sign in with:',
    ...accounts,
    '',
    '  Try: sign in, untick "Post messages" on the consent page, and grant it later from Messages.',
    '       Open /dashboard/contacts?q=an in a new tab while signed out: you come back to it.',
    '       SAMPLE_ACCESS_TOKEN_SEC=20 npm run demo shows tokens being renewed while you read.',
    `  Ctrl-C ends everything. What was saved is in ${settings.stateFolder}.`,
    '',
  ].join('\n');
}
