/**
 * What is wrong with the environment beyond the shape of single variables. Pure: the environment is passed
 * in.
 */

import { isVariable, listApis } from './apis';
import { clientAuthentications, credentialOf } from './client-authentication';
import type { ConfigProblem } from './config-problem';
import { baseAddress, identifier, innerAddress } from './environment-schema';
import { findProviderProblems } from './provider-problems';
import { parseSecrets } from './secrets';
import type { DeclaredVariables, VariableName } from './variables';
import { findAddressProblem, isLoopback } from './web-address';

type Environment = Readonly<Record<string, string | undefined>>;

/** The adopter names the variables that hold the addresses of their APIs. */
export function findApiProblems(written: Environment, { apis }: DeclaredVariables): ConfigProblem[] {
  const problems = [...findAddressProblems(written, apis), ...findAudienceProblems(written, apis)];
  return problems.length > 0 ? problems : findTargetProblems(written, apis);
}

/** Left out by mistake, an audience would send the token of one API to another. */
function findAudienceProblems(written: Environment, apis: DeclaredVariables['apis']): ConfigProblem[] {
  const declared = Object.values(apis).flatMap(({ audience = '' }) => (audience === '' ? [] : [audience]));
  const variables = declared.filter(isVariable);
  if (written.AUTH_AUDIENCE === undefined) {
    const isAlone = declared.every((audience) => variables.includes(audience) && !written[audience]);
    return isAlone ? [] : [{ variable: 'AUTH_AUDIENCE', problem: missingAudience }];
  }
  return variables.flatMap((variable) => {
    if (written[variable] === undefined) return [{ variable, problem: missingAudience }];
    const issue = identifier.safeParse(written[variable]).error?.issues[0];
    return issue === undefined ? [] : [{ variable, problem: issue.message }];
  });
}

/** A request that names no API brings a token for the first one. */
function findTargetProblems(written: Environment, apis: DeclaredVariables['apis']): ConfigProblem[] {
  const variable = 'AUTH_AUDIENCE_AS';
  const as = written[variable];
  return listApis(written, { apis }).flatMap(({ name, tokenName, audience, scopes }) => {
    if (name !== tokenName) return [];
    if ((as === 'none' || as === 'scope') && scopes.length === 0)
      return [
        { variable, problem: `is ${as}, and the API ${name} declares no scopes: nothing would name it` },
      ];
    if (as === 'resource' && !URL.canParse(audience ?? ''))
      return [{ variable, problem: `is resource, and the audience of the API ${name} is no address` }];
    return [];
  });
}

const missingAudience =
  'is required beside the audience of another API: the identifier of this one, or the same if one token is for both';

function findAddressProblems(written: Environment, apis: DeclaredVariables['apis']): ConfigProblem[] {
  return Object.values(apis).flatMap(({ baseUrl: variable }) => {
    const schema = written.API_OVER_HTTP === 'private-network' ? innerAddress : baseAddress;
    const issue = schema.safeParse(written[variable]).error?.issues[0];
    if (issue === undefined) return [];
    const isOverHttp = innerAddress.safeParse(written[variable]).success;
    const hint = isOverHttp ? ', or set API_OVER_HTTP=private-network' : '';
    return [{ variable, problem: issue.message + hint }];
  });
}

/**
 * The build has its base path in every page and script, so the environment can only repeat it. No page of the
 * application repeats it too: a path that begins with it has one meaning.
 * @param built the base path of the build
 */
export function findBasePathProblems(
  written: Environment,
  { paths, protectedPaths }: DeclaredVariables,
  built: string,
): ConfigProblem[] {
  const { AUTH_URL = '', BASE_PATH = built } = written;
  const url = URL.parse(AUTH_URL);
  const path = url?.pathname.replace(/\/$/, '') ?? built;
  const buildFor = (wanted: string) =>
    wanted === '' ? 'build without BASE_PATH' : `build with BASE_PATH=${wanted}`;
  const isFor = `this build is for ${built === '' ? 'the root of its host' : built}`;
  const problems: ConfigProblem[] = [];
  if (path !== built)
    problems.push({
      variable: 'AUTH_URL',
      problem: `has ${path === '' ? 'no path' : `the path ${path}`}, and ${isFor}: set it to ${url?.origin}${built}, or ${buildFor(path)}`,
    });
  if (BASE_PATH !== built)
    problems.push({
      variable: 'BASE_PATH',
      problem: `is ${BASE_PATH}, and ${isFor}: ${buildFor(BASE_PATH)}, or remove it here`,
    });
  const pages = [...Object.values(paths), ...protectedPaths];
  const repeating = pages.find((page) => built !== '' && `${page}/`.startsWith(`${built}/`));
  if (repeating !== undefined)
    problems.push({
      variable: 'BASE_PATH',
      problem: `is how the page ${repeating} of the application begins: build with another one`,
    });
  return problems;
}

/**
 * Looks at what was written, not at what was parsed: a contradiction is listed while something else is wrong.
 */
export function findContradictions(written: Environment): ConfigProblem[] {
  const { AUTH_URL = '', AUTH_SECRET = '', AUTH_CLIENT_SECRET, DEMO_ACCOUNTS } = written;
  const problems: ConfigProblem[] = [];
  const isPublic = findAddressProblem(AUTH_URL) === null && !isLoopback(new URL(AUTH_URL));
  if (DEMO_ACCOUNTS !== undefined && isPublic)
    problems.push({
      variable: 'DEMO_ACCOUNTS',
      problem: 'shows passwords on the home page and is for localhost only; remove it',
    });
  if (written.SESSION_BINDING === 'require' && URL.parse(AUTH_URL)?.protocol === 'http:')
    problems.push({
      variable: 'SESSION_BINDING',
      problem: 'is require, and browsers bind sessions over https alone; set offer, or an https AUTH_URL',
    });
  problems.push(...findProviderProblems(written));
  if (written.REDIS_TLS_CLIENT !== undefined && !/^rediss/.test(written.REDIS_URL ?? ''))
    problems.push({ variable: 'REDIS_TLS_CLIENT', problem: 'is for a REDIS_URL with TLS: rediss…://' });
  const secrets = parseSecrets(AUTH_SECRET);
  if (typeof secrets !== 'string' && secrets.entries.some(({ secret }) => secret === AUTH_CLIENT_SECRET))
    problems.push({
      variable: 'AUTH_SECRET',
      problem: 'must differ from AUTH_CLIENT_SECRET; make one with: npm run secret',
    });
  return problems;
}

const howToGetIt: Readonly<Partial<Record<VariableName, string>>> = {
  AUTH_CLIENT_SECRET: 'copy it from your authorization server',
  AUTH_CLIENT_KEYS: 'make it with: npm run keys',
  AUTH_CLIENT_ASSERTION_FILE: 'name the file with the token of your platform',
};

/** What a way needs and what is not there; and an id that cannot be sent in the chosen way. */
export function findClientProblems(written: Environment): ConfigProblem[] {
  const { AUTH_CLIENT_AUTH: chosen = 'auto', AUTH_CLIENT_ID: id = '' } = written;
  const [first] = Object.keys(howToGetIt)
    .filter((name) => written[name] !== undefined)
    .toReversed();
  if (chosen === 'auto' && first === undefined) return [noCredentials];
  // RFC 7617 §2: what stands before the first colon is the id.
  const isBasic = chosen === 'client_secret_basic' || (chosen === 'auto' && first === 'AUTH_CLIENT_SECRET');
  if (isBasic && id.includes(':')) return [colonInBasic];
  const signsRequests = written.AUTH_REQUEST_OBJECT === 'always';
  if (signsRequests && written.AUTH_CLIENT_KEYS === undefined) return [unsignedRequests];
  const known = clientAuthentications.find((one) => one === chosen);
  const needed = known === undefined ? null : credentialOf[known];
  if (needed === null || written[needed] !== undefined) return [];
  return [{ variable: needed, problem: `is not set, and ${chosen} needs it: ${howToGetIt[needed]}` }];
}

const noCredentials: ConfigProblem = {
  variable: 'AUTH_CLIENT_SECRET',
  problem:
    'is not set: set it, or AUTH_CLIENT_KEYS, AUTH_CLIENT_ASSERTION_FILE, or AUTH_CLIENT_AUTH=none for a client without credentials',
};
const unsignedRequests: ConfigProblem = {
  variable: 'AUTH_CLIENT_KEYS',
  problem: 'is not set, and AUTH_REQUEST_OBJECT=always signs with it: make it with: npm run keys',
};
const colonInBasic: ConfigProblem = {
  variable: 'AUTH_CLIENT_AUTH',
  problem:
    'must be client_secret_basic_encoded or client_secret_post: the client id has a colon, which ends it in client_secret_basic',
};
