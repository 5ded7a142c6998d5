/** OP-01: an environment with which the application does not start, and what the operator reads. */
import { describe, expect, it } from 'vitest';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { parseConfig } from './parse-config';
import { describeProblems } from './start-up';

function problemsOf(changes: Record<string, string | undefined>) {
  const parsed = parseConfig({ ...goodEnvironment, ...changes }, testDeclaration);
  return parsed.kind === 'problems' ? parsed.problems : [];
}

const secret = goodEnvironment.AUTH_SECRET?.slice(2) ?? '';

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
  ['AUTH_SECRET', `${secret},${secret}`, /must number every secret/],
  ['AUTH_SECRET', `1:${secret},1:${secret}x`, /another number for every secret/],
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
