import { describe, expect, it } from 'vitest';
import {
  chooseSettings,
  type Development,
  describeDevelopment,
  describeOthers,
  listNotStarted,
} from './development.ts';

const bundled = {
  AUTH_URL: 'http://localhost:3000',
  AUTH_SECRET: '1:of-the-demo',
  AUTH_ISSUER: 'http://127.0.0.1:4000',
  AUTH_CLIENT_ID: 'strongroom-demo',
  AUTH_CLIENT_SECRET: 'of-the-demo',
  AUTH_AUDIENCE: 'http://127.0.0.1:4001',
  AUTH_PAR: 'always',
  API_BASE_URL: 'http://127.0.0.1:4001',
  CALENDAR_AUDIENCE: 'http://127.0.0.1:4002',
  CALENDAR_BASE_URL: 'http://127.0.0.1:4002',
  DEMO_ACCOUNTS: 'ada@strongroom.test=pass',
};

const issuer = { AUTH_ISSUER: 'https://login.example', AUTH_CLIENT_ID: 'web', AUTH_CLIENT_SECRET: 'x' };
const audience = { AUTH_AUDIENCE: 'https://api.example' };
const apis = { API_BASE_URL: 'https://api.example', CALENDAR_BASE_URL: 'https://calendar.example' };

const developmentOf = (env: Record<string, string>, apiVariables = Object.keys(apis)): Development => ({
  env,
  apiVariables,
  sourceOf: () => '.env.local',
});

function develop(env: Record<string, string>, apiVariables?: string[]) {
  const development = developmentOf(env, apiVariables);
  const added = chooseSettings(development, bundled);
  const text = describeDevelopment(development, {
    appUrl: env.AUTH_URL ?? bundled.AUTH_URL,
    listeningAt: bundled.AUTH_URL,
    settings: { ...env, ...added },
    passwords: {},
  });
  return { without: listNotStarted(development), added, told: describeOthers(development), text };
}

describe('a developer who has configured', () => {
  it('nothing: gets all bundled servers', () => {
    const { without, added, text } = develop({});
    expect([without, added]).toEqual([[], bundled]);
    expect(text).toContain('http://127.0.0.1:4000 (bundled, because AUTH_ISSUER is not set)');
    expect(text).toContain('ada@strongroom.test');
  });

  it('issuer and APIs: gets no bundled server, and no setting of theirs', () => {
    const { without, added, text } = develop({ ...issuer, ...audience, ...apis });
    expect(without).toEqual(['authorization server', 'API']);
    expect(added).toEqual({ AUTH_URL: bundled.AUTH_URL, AUTH_SECRET: bundled.AUTH_SECRET });
    expect(text).toContain('https://login.example (yours, AUTH_ISSUER of .env.local)');
    expect(text).toContain('must know http://localhost:3000/auth/callback/provider');
    expect(text).not.toMatch(/bundled|ada@/);
  });

  it('a password in an address: reads none of it in the terminal', () => {
    const { text } = develop({
      ...{ ...issuer, ...audience, AUTH_ISSUER: 'https://ada:s3cret@login.example/realm' },
      API_BASE_URL: 'http://:s3cret@127.0.0.1:9/x',
    });
    expect(text).toContain('https://login.example/realm (yours');
    expect(text).not.toContain('s3cret');
  });

  it('the issuer alone: gets the bundled APIs, which are told whose tokens for whom they take', () => {
    const { without, added, told, text } = develop({ ...issuer, ...audience });
    expect(without).toEqual(['authorization server']);
    expect(Object.keys(added)).toEqual(['AUTH_URL', 'AUTH_SECRET', 'API_BASE_URL', 'CALENDAR_BASE_URL']);
    expect(told).toEqual({
      SAMPLE_ISSUER: 'https://login.example',
      SAMPLE_API_AUDIENCE: 'https://api.example',
    });
    expect(text).toMatch(/http:\/\/127\.0\.0\.1:4001 accepts tokens .* for https:\/\/api\.example/);
  });

  it('the issuer without an audience: reads why the bundled API takes no token, and what to set', () => {
    expect(develop(issuer).text).toMatch(/AUTH_AUDIENCE is not set, so http:\/\/127\.0\.0\.1:4001 rejects/);
  });

  it('APIs alone: gets the bundled authorization server, with tokens for the audience that they named', () => {
    const { without, added, told, text } = develop({ ...audience, ...apis });
    expect(without).toEqual(['API']);
    expect(added.AUTH_ISSUER).toBe(bundled.AUTH_ISSUER);
    expect(Object.keys(added)).not.toEqual(expect.arrayContaining(['AUTH_AUDIENCE']));
    expect(told).toEqual({ SAMPLE_API_AUDIENCE: 'https://api.example' });
    expect(text).toContain('it must trust http://127.0.0.1:4000 and the audience https://api.example');
  });

  it('one of two APIs: gets the process of the bundled ones for the other', () => {
    const env = { ...issuer, ...audience, API_BASE_URL: apis.API_BASE_URL };
    expect(develop(env).without).toEqual(['authorization server']);
    expect(develop(env, ['API_BASE_URL']).without).toEqual(['authorization server', 'API']);
  });

  it('a client but no issuer: reads that the client is not used, and the bundled server is not mistaken for theirs', () => {
    const env = { AUTH_CLIENT_ID: 'web', AUTH_PROVIDER: 'auth0', AUTH_DPOP: 'never', AUTH_SCOPES: 'openid' };
    const { added, text } = develop(env);
    expect(added).toMatchObject({ AUTH_CLIENT_ID: 'strongroom-demo', AUTH_PROVIDER: '', AUTH_DPOP: '' });
    expect(added).not.toHaveProperty('AUTH_SCOPES');
    expect(text).toMatch(/Not used while AUTH_ISSUER is not set: AUTH_CLIENT_ID of \.env\.local, AUTH_PROV/);
  });

  it('empty values: has configured nothing', () => {
    expect(develop({ AUTH_ISSUER: ' ', API_BASE_URL: '' }).without).toEqual([]);
  });

  it('another address of the application: reads where it has to lead', () => {
    const { added, text } = develop({ ...issuer, ...audience, ...apis, AUTH_URL: 'https://app.example' });
    expect(added).not.toHaveProperty('AUTH_URL');
    expect(text).toContain('AUTH_URL is https://app.example: that is what to open, and it has to lead to');
  });
});
