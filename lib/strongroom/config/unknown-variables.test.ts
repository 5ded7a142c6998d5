import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { describeUnknown, findUnknownVariables } from './unknown-variables';
import { listVariables } from './variables';

const known = listVariables(testDeclaration).map(({ name }) => name);
const found = (...names: string[]) => findUnknownVariables(names, known).map(describeUnknown);

describe('a variable that has no effect', () => {
  it.each([
    ['AUTH_ISSUR', 'AUTH_ISSUER'],
    ['AUTH_CLIENTID', 'AUTH_CLIENT_ID'],
    ['AUTH_SCOPE', 'AUTH_SCOPES'],
    ['auth_issuer', 'AUTH_ISSUER'],
    ['AUHT_URL', 'AUTH_URL'],
    ['SESSION_MAX_HOUR', 'SESSION_MAX_HOURS'],
    ['REDIS_URI', 'REDIS_URL'],
    ['API_BASEURL', 'API_BASE_URL'],
    ['TRUSTED_PROXIE_HOPS', 'TRUSTED_PROXY_HOPS'],
  ])('OP-01: %s is named, with %s', (name, nearest) => {
    expect(found(name)).toEqual([`${name} (did you mean ${nearest}?)`]);
  });

  it('OP-01: with the prefix of ours is named, whatever it is', () => {
    expect(found('AUTH_TRUST_HOST', 'AUTH_SOMETHING')).toEqual(['AUTH_TRUST_HOST', 'AUTH_SOMETHING']);
  });

  it('OP-01: of another program is not named, and neither is a known one', () => {
    const others = ['PATH', 'REDIS_PORT', 'REDIS_SERVICE_HOST', 'LOG_FORMAT', 'NODE_ENV'];
    // Two slips away from HSTS, and from any other short name.
    const short = ['HOST', 'HTTPS', 'HTTP', 'HISTS', 'hosts'];
    expect(known).toContain('HSTS');
    expect(found(...others, ...short, ...known)).toEqual([]);
  });
});
