/**
 * `npm run demo:servers`: the bundled authorization server and APIs for an application that is elsewhere, with what
 * belongs into its `.env.local`. `APP_URL` says where it is. Ctrl-C ends them.
 */
import { sampleAccountEmails } from '../sample/secrets.ts';
import type { Stack } from './stack.ts';
import { describeApp, type StackOptions } from './stack-settings.ts';
import { fail, optionsOf, readPorts, rejectTakenPorts, serveStack } from './terminal-stack.ts';

const url = URL.parse(process.env.APP_URL ?? 'http://localhost:3000');
if (url?.protocol !== 'http:' || url.hostname !== 'localhost')
  fail('APP_URL must be an address of this machine, such as http://localhost:3000.');

const ports = readPorts(process.env, Number(url.port) || 80);
await rejectTakenPorts([ports.authorizationServer, ports.api, ports.calendar], 'npm run demo:servers');
const options: StackOptions = {
  ...optionsOf(
    { ...ports, application: { ...ports.application, port: Number(url.port) || 80 } },
    process.env,
  ),
  basePath: url.pathname.replace(/\/$/, ''),
  without: ['application'],
};
await serveStack(options, describeServers);

function describeServers({ settings, secrets }: Stack): string {
  // AUTH_SECRET is the application's own.
  const {
    AUTH_SECRET: _,
    DEMO_ACCOUNTS: __,
    HOSTNAME: ___,
    ...env
  } = describeApp(options, settings, secrets);
  const accounts = sampleAccountEmails.map(
    (email) => `  ${email.padEnd(24)} ${secrets.passwords[email] ?? ''}`,
  );
  return [
    '',
    `# For the .env.local of ${settings.appUrl}, beside an AUTH_SECRET of its own:`,
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    '',
    'Accounts to sign in with:',
    ...accounts,
    'Ctrl-C ends the servers.',
    '',
  ].join('\n');
}
