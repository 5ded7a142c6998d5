import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { parseConfig } from './parse-config';

function configOf(changes: Record<string, string | undefined> = {}) {
  const parsed = parseConfig({ ...goodEnvironment, ...changes }, testDeclaration);
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

function problemsOf(changes: Record<string, string | undefined>) {
  const parsed = parseConfig({ ...goodEnvironment, ...changes }, testDeclaration);
  return parsed.kind === 'problems' ? parsed.problems : [];
}

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
