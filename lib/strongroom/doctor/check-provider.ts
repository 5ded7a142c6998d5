/** What AUTH_PROVIDER stands in for, and whether the other settings look like that provider's. */
import 'server-only';
import { getDeclaration } from '../config/declaration';
import { isBareHost } from '../config/web-address';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, warning } = findingsOf('provider');

export function checkProvider({ config }: Context): Finding[] {
  const { name, variables, standIns } = config.provider;
  if (Object.keys(variables).length === 0) return [];
  const filledIn = Object.keys(standIns).toSorted().join(', ');
  return [ok(`${name} fills in ${filledIn}`), ...findStrangeIssuer(config), ...findOverage(config)];
}

/** A server on this machine stands in for the provider in a test. */
function findStrangeIssuer({ provider, issuer }: Context['config']): Finding[] {
  const { name, issuer: known } = provider;
  if (isBareHost(new URL(issuer)) || known.shape.test(issuer)) return [];
  return [
    warning(`${issuer} does not look like an issuer of ${name}`, {
      variable: 'AUTH_ISSUER',
      mend: `write it as ${known.example}, or set AUTH_PROVIDER to whose server it is`,
    }),
  ];
}

function findOverage({ provider }: Context['config']): Finding[] {
  const { claims, roles } = getDeclaration();
  const { overageClaim } = provider;
  if (overageClaim === null || ![...claims, roles?.claim].includes(overageClaim)) return [];
  return [
    warning(`a user in more than 200 groups has no claim ${overageClaim}, and none of its roles`, {
      mend: 'declare app roles (claim roles) in the declaration, or let the server send only groups of this application',
    }),
  ];
}
