/** The environment of an application under test. */
import { randomBytes } from 'node:crypto';
import { isVariable } from '../config/apis';
import type { Declaration } from '../config/declaration';
import { listVariables } from '../config/variables';
import { refuseInProduction } from './refuse-in-production';

/** Where nothing listens: an application under test asks no authorization server. */
const noIssuer = 'http://127.0.0.1:9';

type Places = {
  appUrl: string;
  /** Where each declared API is, by its name. */
  apiUrls: Readonly<Record<string, string>>;
};

/**
 * Variables for the application under test, and for the test that signs users in: a new secret, an
 * authorization server that is never there, and every other variable of the application empty, whatever
 * `.env.local` says.
 * @throws Error when an API of the declaration has no address, and in production
 * @example
 * const env = testEnvironment(declaration, { appUrl: 'http://localhost:3100', apiUrls: { main: api.url } });
 * Object.assign(process.env, env);
 */
export function testEnvironment(
  declaration: Declaration,
  { appUrl, apiUrls }: Places,
): Record<string, string> {
  refuseInProduction(appUrl);
  const { apis, permissions = [] } = declaration;
  const unset = listVariables({ apis, permissions }).filter(({ name }) => name !== 'BASE_PATH');
  const addresses = Object.entries(apis).flatMap(([name, { baseUrl, audience }]) => {
    const url = apiUrls[name];
    if (url === undefined) throw new Error(`apiUrls has no address of the API ${name}.`);
    return [[baseUrl, url], ...(audience !== undefined && isVariable(audience) ? [[audience, url]] : [])];
  });
  return {
    ...Object.fromEntries(unset.map(({ name }) => [name, ''])),
    ...Object.fromEntries(addresses),
    AUTH_URL: appUrl,
    AUTH_SECRET: `1:${randomBytes(32).toString('base64url')}`,
    AUTH_ISSUER: noIssuer,
    AUTH_CLIENT_ID: 'test',
    AUTH_CLIENT_AUTH: 'none',
    AUTH_AUDIENCE: Object.values(apiUrls)[0] ?? '',
    // Every user of a test comes from one address.
    RATE_LIMIT_PER_MINUTE: '1000000',
  };
}
