/** `npm run demo`: everything on this machine, with accounts to sign in with. Ctrl-C ends all of it. */
import { spawnSync } from 'node:child_process';
import { sampleAccountEmails } from '../sample/secrets.ts';
import type { Stack } from './stack.ts';
import { fail, optionsOf, readPorts, rejectTakenPorts, serveStack } from './terminal-stack.ts';

const ports = readPorts(process.env);
await rejectTakenPorts(Object.values(ports), 'npm run demo');
build();
await serveStack(optionsOf(ports, process.env), welcome);

/** Only once nothing else is running from this folder: a build replaces the one that is served. */
function build(): void {
  // npm says where it is, so that no shell has to find it.
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm];
  const { status } = spawnSync(command, [...first, 'run', '--silent', 'build'], { stdio: 'inherit' });
  if (status !== 0) fail('The build failed; the lines above say why.');
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
