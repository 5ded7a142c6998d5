import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { parseConfig } from './parse-config';
import { describeProblems } from './start-up';

function configOf(changes: Record<string, string | undefined> = {}) {
  const parsed = parseConfig({ ...goodEnvironment, ...changes }, testDeclaration);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

function problemsOf(changes: Record<string, string | undefined>) {
  const parsed = parseConfig({ ...goodEnvironment, ...changes }, testDeclaration);
  return parsed.kind === 'problems' ? parsed.problems : [];
}

const secret = goodEnvironment.AUTH_SECRET?.slice(2) ?? '';

describe('a good environment', () => {
  it('gives a configuration with the fallbacks filled in', () => {
    expect(configOf()).toMatchObject({
      appOrigin: 'https://app.example',
      isHttps: true,
      issuer: 'https://issuer.example',
      clientAuthentication: 'auto',
      pushedRequests: 'when-offered',
      audience: null,
      sessionLifetimeSec: 168 * 3600,
      // An office is one address: ten sign-ins a second.
      rateLimitPerMinute: 600,
      demoAccounts: [],
    });
    expect(configOf().scopes).toContain('offline_access');
  });

  it.each(['contacts', 'api://contacts', 'urn:contacts', 'https://api.example/', '8f14e45f-ceea'])(
    'AZ-10: the API may be known as %s',
    (audience) => {
      expect(configOf({ AUTH_AUDIENCE: audience }).audience).toBe(audience);
    },
  );

  it('DI-05: http is allowed in a private network by the name of its variable, and where it says so', () => {
    const changes = { AUTH_ISSUER_INTERNAL_URL: 'http://keycloak:8080/realms/main' };
    expect(configOf(changes).issuerInternalUrl).toBe('http://keycloak:8080/realms/main');
    const api = { API_BASE_URL: 'http://contacts.internal:8080/v1' };
    expect(configOf({ ...api, API_OVER_HTTP: 'private-network' }).apiBaseUrl).toBe(api.API_BASE_URL);
    expect(problemsOf(api)).toHaveLength(1);
    expect(problemsOf({ ...changes, AUTH_ISSUER: 'http://keycloak:8080/realms/main' })).toHaveLength(1);
  });

  it('OP-01: an empty variable counts as not set', () => {
    expect(configOf({ SESSION_MAX_HOURS: ' ', AUTH_AUDIENCE: '' })).toMatchObject({
      sessionLifetimeSec: 168 * 3600,
      audience: null,
    });
  });

  it('DI-01: the issuer is kept as it was written: a trailing slash belongs to it', () => {
    expect(configOf({ AUTH_ISSUER: 'https://issuer.example/' }).issuer).toBe('https://issuer.example/');
  });

  it('an origin and a base URL lose their trailing slash', () => {
    const config = configOf({ AUTH_URL: 'https://app.example/', API_BASE_URL: 'https://api.example/v1/' });
    expect([config.appOrigin, config.apiBaseUrl]).toEqual(['https://app.example', 'https://api.example/v1']);
  });

  it('CK-01: https in capitals is https: the cookies stay Secure and __Host-', () => {
    expect(configOf({ AUTH_URL: 'HTTPS://App.Example' })).toMatchObject({
      appOrigin: 'https://app.example',
      isHttps: true,
      strictTransportSecurity: 'max-age=63072000',
    });
  });

  it('HD-02: HSTS is about this host alone unless the operator says more, and not sent over http', () => {
    expect(configOf().strictTransportSecurity).toBe('max-age=63072000');
    const wider = 'max-age=31536000; includeSubDomains; preload';
    expect(configOf({ HSTS: wider }).strictTransportSecurity).toBe(wider);
    expect(configOf({ HSTS: wider, AUTH_URL: 'http://localhost:3000' }).strictTransportSecurity).toBeNull();
  });

  it('RL-03: connections stay open for longer than a load balancer keeps them', () => {
    expect(configOf().keepAliveMs).toBeGreaterThan(60_000);
    expect(configOf({ KEEP_ALIVE_TIMEOUT: '5000' }).keepAliveMs).toBe(5_000);
  });

  it('HO-02: other hosts of the site are names, with a port if they have one', () => {
    expect(configOf({ REDIRECTED_HOSTS: 'WWW.app.example, old.example:8443' }).redirectedHosts).toEqual([
      'www.app.example',
      'old.example:8443',
    ]);
    for (const hosts of [
      'https://www.app.example',
      'www.app.example/x',
      '*',
      'localhost',
      'a@www.app.example',
    ])
      expect(problemsOf({ REDIRECTED_HOSTS: hosts }).map(({ variable }) => variable)).toEqual([
        'REDIRECTED_HOSTS',
      ]);
  });

  it('AZ-09: scopes asked for twice are asked for once', () => {
    expect(configOf({ AUTH_SCOPES: 'openid  profile openid' }).scopes).toEqual(['openid', 'profile']);
  });

  it.each([
    ['https://issuer.example/logout'],
    ['https://tenant.example/v2/logout?client_id={client_id}&returnTo={return_url}'],
    ['https://tenant.example/logout?hint={id_token}&state={state}'],
  ])('SE-06: a logout address may have places to fill in: %s', (address) => {
    expect(configOf({ AUTH_LOGOUT_URL: address }).logoutUrl).toBe(address);
  });

  it.each(['connection organization', 'connection,organization', 'connection, organization,'])(
    'AZ-05: names of parameters stand between spaces or commas: %j',
    (names) => {
      expect(configOf({ AUTH_LINK_PARAMS: names }).linkParameters).toEqual(['connection', 'organization']);
    },
  );

  it('demo accounts are for localhost', () => {
    const config = configOf({
      AUTH_URL: 'http://localhost:3000',
      DEMO_ACCOUNTS: 'ada@example.test=one,grace@example.test=two',
    });
    expect(config.demoAccounts).toEqual([
      { email: 'ada@example.test', password: 'one' },
      { email: 'grace@example.test', password: 'two' },
    ]);
    expect(config.isHttps).toBe(false);
  });
});

const broken: [variable: string, value: string | undefined, mend: RegExp][] = [
  ['AUTH_URL', undefined, /is not set/],
  ['AUTH_URL', '   ', /is not set/],
  ['AUTH_URL', 'app.example', /in full/],
  ['AUTH_LOGOUT_URL', 'http://tenant.example/logout', /https/],
  ['AUTH_LOGOUT_URL', 'https://tenant.example/logout?x={client_secret}', /nothing else in braces/],
  ['AUTH_LOGOUT_URL', 'https://tenant.example/{client_id}/logout', /placeholder/],
  ['AUTH_LOGOUT_URL', 'https://tenant.example/logout?x={client_id', /nothing else in braces/],
  ['AUTH_URL', 'http://app.example', /https/],
  ['AUTH_URL', 'https://app.example/base', /remove|build with BASE_PATH=\/base/],
  ['AUTH_URL', 'https://app.example?x=1', /must be an origin/],
  ['AUTH_URL', 'https://app.example/#top', /fragment/],
  ['AUTH_URL', 'https://me:secret@app.example', /user name/],
  ['AUTH_SECRET', undefined, /is not set/],
  ['AUTH_SECRET', 'changeme', /placeholder.*npm run secret/],
  ['AUTH_SECRET', secret.slice(1), /too short \(31 of at least 32/],
  ['AUTH_SECRET', '1:<32 random bytes: npm run secret>', /placeholder/],
  ['AUTH_SECRET', `${secret},${secret}`, /number every secret/],
  ['AUTH_SECRET', `1:${secret},1:${secret}x`, /its own number/],
  ['AUTH_SECRET', 'abcabcabcabcabcabcabcabcabcabcabcabc', /repeats too few/],
  [
    'AUTH_SECRET',
    '2:Zk3vQ8xL6pW9nT8vwK2mZk3vQ8xL6pW9nT8v   # npm run secret',
    /write nothing behind the value/,
  ],
  ['AUTH_ISSUER', undefined, /is not set/],
  ['AUTH_ISSUER', 'http://issuer.example', /https/],
  ['AUTH_ISSUER', 'issuer.example', /in full/],
  ['AUTH_ISSUER', 'https://issuer.example/?tenant=1', /without a query/],
  [
    'AUTH_ISSUER',
    'https://sso.example/realms/main/.well-known/openid-configuration',
    /the issuer that this document names, such as https:\/\/sso\.example\/realms\/main$/,
  ],
  ['AUTH_ISSUER', 'https://as.example/.well-known/oauth-authorization-server/tenant', /discovery document/],
  ['AUTH_ISSUER_INTERNAL_URL', 'keycloak:8080', /https:\/\/|in full/],
  ['AUTH_ISSUER_INTERNAL_URL', 'http://user:word@keycloak:8080', /user name/],
  ['AUTH_TOKEN_ENDPOINT', 'http://issuer.example/token', /https/],
  ['API_OVER_HTTP', 'yes', /loopback or private-network/],
  ['AUTH_AUDIENCE', 'two words', /without spaces/],
  ['AUTH_CLIENT_ID', undefined, /is not set/],
  ['AUTH_CLIENT_SECRET', undefined, /is not set/],
  ['AUTH_CLIENT_ID', '<client id>', /placeholder; copy the client id/],
  ['AUTH_CLIENT_SECRET', '<from your authorization server>', /copy the client secret/],
  ['AUTH_CLIENT_SECRET', 'short', /too short/],
  ['AUTH_CLIENT_SECRET', 'change-me-change-me', /placeholder/],
  ['API_BASE_URL', undefined, /is not set/],
  ['API_BASE_URL', 'http://api.example', /https.*or set API_OVER_HTTP=private-network$/],
  ['API_BASE_URL', 'ftp://api.example', /only\)$/],
  ['API_BASE_URL', 'https://api.example/v1?key=1', /without a query/],
  ['AUTH_AUDIENCE', 'https://api.example/#fragment', /fragment/],
  ['AUTH_SCOPES', 'profile email', /must contain openid/],
  ['AUTH_SCOPES', 'openid "read"', /RFC 6749 §3.3/],
  ['AUTH_CLIENT_AUTH', 'tls_client_auth', /must be auto, or one of client_secret_basic, .*none/],
  ['AUTH_CLIENT_AUTH', 'private_key_jwt', /AUTH_CLIENT_KEYS|npm run keys/],
  ['AUTH_CLIENT_AUTH', 'assertion_file', /the token of your platform/],
  ['AUTH_CLIENT_ASSERTION_FILE', 'token', /from the root on/],
  ['AUTH_CLIENT_ID', 'https://app.example', /a colon/],
  ['AUTH_PAR', 'yes', /when-offered, when-required or always/],
  ['SESSION_MAX_HOURS', 'a week', /number of hours/],
  ['SESSION_MAX_HOURS', '0', /at least 1/],
  ['SESSION_MAX_HOURS', '721', /at most 720/],
  ['SESSION_MAX_HOURS', '1.5', /whole number/],
  ['SESSION_MAX_HOURS', 'Infinity', /number of hours/],
  ['HSTS', 'max-age=1\r\nX: y', /max-age=63072000/],
  ['HSTS', 'max-age=a year', /max-age=63072000/],
  ['HSTS', 'includeSubDomains', /max-age=63072000/],
  ['KEEP_ALIVE_TIMEOUT', '999', /at least 1000/],
  ['KEEP_ALIVE_TIMEOUT', '600001', /at most 600000/],
  ['KEEP_ALIVE_TIMEOUT', '65s', /number of milliseconds/],
  ['AUTH_AUTHORIZATION_PARAMS', 'access_type=offline&redirect_uri=https://evil.example', /set redirect_uri/],
  ['AUTH_AUTHORIZATION_PARAMS', 'prompt=none', /prompt=none/],
  ['AUTH_AUTHORIZATION_PARAMS', 'prompt=login&prompt=consent', /twice/],
  ['AUTH_LINK_PARAMS', 'connection scope', /contain scope/],
  ['AUTH_LINK_PARAMS', 'connection=google', /contain connection=google/],
  ['LOG_LEVEL', 'loud', /debug, info, warn, error or silent/],
  ['DEMO_ACCOUNTS', 'ada@example.test', /someone@example.test=password/],
  ['DEMO_ACCOUNTS', 'ada@example.test=one', /localhost only/],
  ['AUTH_CLIENT_SECRET', secret, /must differ from AUTH_CLIENT_SECRET/],
];

/** Two variables contradict each other, and the other one is named. */
const otherVariable: Record<string, string> = {
  'must differ from AUTH_CLIENT_SECRET': 'AUTH_SECRET',
  'a colon': 'AUTH_CLIENT_AUTH',
  'AUTH_CLIENT_KEYS|npm run keys': 'AUTH_CLIENT_KEYS',
  'the token of your platform': 'AUTH_CLIENT_ASSERTION_FILE',
};

describe('a broken environment', () => {
  it('OP-01: at least 25 broken environments are tested', () => {
    expect(broken.length).toBeGreaterThanOrEqual(25);
  });

  it.each(broken)(
    'OP-01: %s=%s stops the start with a sentence that says what to fix: %s',
    (variable, value, mend) => {
      const named = otherVariable[mend.source] ?? variable;
      const problems = problemsOf({ [variable]: value });
      expect([...new Set(problems.map((problem) => problem.variable))]).toEqual([named]);
      expect(problems[0]?.problem).toMatch(mend);
    },
  );

  it('OP-01: an empty environment lists every variable that must be set, at once', () => {
    const parsed = parseConfig({}, testDeclaration);
    expect(parsed.kind === 'problems' && parsed.problems.map(({ variable }) => variable)).toEqual([
      'AUTH_URL',
      'AUTH_SECRET',
      'AUTH_ISSUER',
      'AUTH_CLIENT_ID',
      'AUTH_CLIENT_SECRET',
      'API_BASE_URL',
    ]);
  });

  it('OP-01: contradicting variables are listed together with all other problems', () => {
    const problems = problemsOf({ LOG_LEVEL: 'loud', DEMO_ACCOUNTS: 'ada@example.test=one' });
    expect(problems.map(({ variable }) => variable).toSorted()).toEqual(['DEMO_ACCOUNTS', 'LOG_LEVEL']);
  });

  it('OP-01, LK-03: no problem repeats a secret', () => {
    const problems = problemsOf({ AUTH_SECRET: 'tiny-canary-31', AUTH_CLIENT_SECRET: 'canary-77' });
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('canary');
  });
});

describe('what the operator reads', () => {
  it('OP-01: names every variable on its own line, and where to look', () => {
    const text = describeProblems(
      [
        { variable: 'AUTH_URL', problem: 'is not set' },
        { variable: 'LOG_LEVEL', problem: 'must be info' },
      ],
      'Ledger',
    );
    expect(text).toContain('\n  AUTH_URL is not set\n  LOG_LEVEL must be info\n');
    expect(text).toContain('2 settings are missing or wrong');
    expect(text).toContain('described in docs/configuration.md.');
  });

  it('OP-01: names variables that are set and unknown', () => {
    const problems = [{ variable: 'AUTH_ISSUER', problem: 'is not set' }];
    const text = describeProblems(problems, 'Ledger', ['AUTH_ISSUR (did you mean AUTH_ISSUER?)']);
    expect(text).toContain('Set and unknown: AUTH_ISSUR (did you mean AUTH_ISSUER?).');
  });

  it('counts one setting as one', () => {
    expect(describeProblems([{ variable: 'AUTH_URL', problem: 'is not set' }], 'Ledger')).toContain(
      '1 setting is',
    );
  });
});

describe('an egress proxy', () => {
  it('PX-15: there is none unless the operator names one', () => {
    expect(parseConfig(goodEnvironment, testDeclaration)).toMatchObject({ config: { egressProxyUrl: null } });
    const url = 'http://user:password@proxy.example:3128';
    expect(parseConfig({ ...goodEnvironment, EGRESS_PROXY_URL: url }, testDeclaration)).toMatchObject({
      config: { egressProxyUrl: url },
    });
  });

  it.each([
    'proxy.example:3128',
    'socks5://proxy.example',
    'http://proxy.example/path',
    'http://a/?b',
    'yes',
  ])('PX-15: %s is not the address of an egress proxy', (url) => {
    expect(parseConfig({ ...goodEnvironment, EGRESS_PROXY_URL: url }, testDeclaration)).toMatchObject({
      problems: [{ variable: 'EGRESS_PROXY_URL' }],
    });
  });
});
