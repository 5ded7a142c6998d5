/**
 * Which servers `npm run dev` starts, and what the application is told: what a developer has configured is used, and
 * the bundled servers stand in for the rest. Pure.
 */
import { sampleAccountEmails } from '../sample/secrets.ts';
import type { ServerName } from './stack.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export type Development = {
  /** The environment with the `.env` files, as Next puts them together. */
  env: Environment;
  /** Where a variable comes from, such as `.env.local`. */
  sourceOf(name: string): string;
  /** The variables with the addresses of the declared APIs. */
  apiVariables: readonly string[];
};

/** With another authorization server, none of these says anything; and with the bundled one, none of another does. */
const ofBundledServer = new Set([
  'AUTH_ISSUER',
  'AUTH_CLIENT_ID',
  'AUTH_CLIENT_SECRET',
  'AUTH_PAR',
  'AUTH_SIGNING_ALG',
  'AUTH_BACKCHANNEL_LOGOUT',
  'DEMO_ACCOUNTS',
]);
const ofEveryServer = new Set(['AUTH_SECRET', 'AUTH_SCOPES', 'AUTH_AUDIENCE']);
const audiences = new Set(['AUTH_AUDIENCE', 'CALENDAR_AUDIENCE']);
/** Which APIs are bundled, and which permission a token needs there. */
const bundledApis: Readonly<Record<string, string>> = {
  API_BASE_URL: 'read:contacts',
  CALENDAR_BASE_URL: 'read:events',
};

const isSet = (env: Environment, name: string) => (env[name]?.trim() ?? '') !== '';

/** The addresses of APIs for which a bundled one stands in. */
export function listStandIns({ env, apiVariables }: Development): string[] {
  return apiVariables.filter((name) => name in bundledApis && !isSet(env, name));
}

/** The bundled servers that have nothing to do. */
export function listNotStarted(development: Development): ServerName[] {
  const isApiIdle = listStandIns(development).length === 0;
  return [
    ...(isSet(development.env, 'AUTH_ISSUER') ? (['authorization server'] as const) : []),
    ...(isApiIdle ? (['API'] as const) : []),
  ];
}

/** What the bundled servers are told of those that take the place of others. */
export function describeOthers({ env }: Development): Record<string, string> {
  const told = {
    SAMPLE_ISSUER: env.AUTH_ISSUER,
    SAMPLE_API_AUDIENCE: env.AUTH_AUDIENCE,
    SAMPLE_CALENDAR_AUDIENCE: env.CALENDAR_AUDIENCE,
  };
  const entries = Object.entries(told).map(([name, value = '']) => [name, value.trim()]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

/**
 * What the application gets besides the environment and the `.env` files, which Next reads itself: of `bundled`, the
 * settings of the bundled servers, those that stand in; and nothing where a variable must not count.
 */
export function chooseSettings({ env }: Development, bundled: Environment): Record<string, string> {
  const hasIssuer = isSet(env, 'AUTH_ISSUER');
  const standsIn = (name: string) => {
    if (ofBundledServer.has(name) || (hasIssuer && audiences.has(name))) return !hasIssuer;
    return name === 'AUTH_URL' && !hasIssuer ? true : !isSet(env, name);
  };
  const chosen = Object.entries(bundled).filter(([name]) => standsIn(name));
  const silenced = hasIssuer ? [] : listOfOtherServer(env).map((name) => [name, ''] as const);
  return Object.fromEntries([...silenced, ...chosen.map(([name, value]) => [name, value ?? ''] as const)]);
}

/** What was set for an authorization server that is not named. */
function listOfOtherServer(env: Environment): string[] {
  return Object.keys(env).filter(
    (name) => name.startsWith('AUTH_') && !ofEveryServer.has(name) && isSet(env, name),
  );
}

type Running = { appUrl: string; listeningAt: string; settings: Environment; passwords: Environment };

/** What is used and what was started, for the terminal. */
export function describeDevelopment(development: Development, running: Running): string {
  const { env, sourceOf, apiVariables } = development;
  const { settings, passwords, appUrl } = running;
  const say = (name: string) =>
    isSet(env, name) && env[name] === settings[name]
      ? `yours, ${name} of ${sourceOf(name)}`
      : `bundled, because ${name} is not set`;
  const isBundled = !isSet(env, 'AUTH_ISSUER');
  const accounts = sampleAccountEmails.map((email) => `    ${email.padEnd(24)} ${passwords[email] ?? ''}`);
  const lines = [
    '',
    `  Strongroom is ready:    ${appUrl}`,
    `  Authorization server:   ${settings.AUTH_ISSUER} (${say('AUTH_ISSUER')})`,
    ...apiVariables.map((name) => `  ${'API:'.padEnd(23)} ${settings[name]} (${say(name)})`),
    ...(isBundled ? ['', '  Accounts to sign in with:', ...accounts] : []),
    '',
    ...listNotes(development, running).map((note) => `  ${note}`),
    '  Ctrl-C ends what was started here.',
    '',
  ];
  return withoutUserinfo(lines.join('\n'));
}

function listNotes(development: Development, { appUrl, listeningAt, settings }: Running): string[] {
  const { env, apiVariables, sourceOf } = development;
  const standIns = listStandIns(development);
  const own = apiVariables.filter((name) => isSet(env, name));
  if (isSet(env, 'AUTH_ISSUER'))
    return [
      `Your authorization server must know ${appUrl}/auth/callback/provider as redirect URI.`,
      ...(appUrl.startsWith(listeningAt)
        ? []
        : [`AUTH_URL is ${appUrl}: that is what to open, and it has to lead to ${listeningAt}.`]),
      ...standIns.map((name) => describeAcceptance(name, settings)),
    ];
  const unused = listOfOtherServer(env).map((name) => `${name} of ${sourceOf(name)}`);
  return [
    ...(unused.length === 0 ? [] : [`Not used while AUTH_ISSUER is not set: ${unused.join(', ')}.`]),
    ...own.map(
      (name) =>
        `${env[name]} gets tokens of the bundled server: it must trust ${settings.AUTH_ISSUER} and the audience ${audienceOf(name, settings)}. If not, set AUTH_ISSUER.`,
    ),
  ];
}

function describeAcceptance(name: string, settings: Environment): string {
  const audience = audienceOf(name, settings);
  if (audience === undefined)
    return `AUTH_AUDIENCE is not set, so ${settings[name]} rejects every token. Set it to the identifier that your server gives tokens for, or ${name} to an API of yours.`;
  return `${settings[name]} accepts tokens of your server for ${audience}: a JWT by RFC 9068 (typ at+jwt) with scopes such as ${bundledApis[name]}. Does yours send others, set ${name} to an API that takes them.`;
}

/** A password that stands in an address is not for a terminal. */
export function withoutUserinfo(text: string): string {
  return text.replace(/(:\/\/)[^\s/?#]*@/g, '$1');
}

function audienceOf(name: string, settings: Environment): string | undefined {
  return (name === 'CALENDAR_BASE_URL' && settings.CALENDAR_AUDIENCE) || settings.AUTH_AUDIENCE || undefined;
}
