/** The base path in AUTH_URL and in the build: they agree, and what a host shares between applications differs. */
import { describe, expect, it } from 'vitest';
import { keyPrefix } from '../store/key-prefix';
import { testDeclaration } from '../testing/declaration';
import { goodEnvironment } from '../testing/environment';
import { parseConfig } from './parse-config';

const parse = (env: Record<string, string>, built: string) =>
  parseConfig({ ...goodEnvironment, ...env }, testDeclaration, built);

function problemsOf(env: Record<string, string>, built: string): string[] {
  const parsed = parse(env, built);
  return parsed.kind === 'problems' ? parsed.problems.map((one) => `${one.variable} ${one.problem}`) : [];
}

function configOf(address: string) {
  const parsed = parse({ AUTH_URL: address }, new URL(address).pathname.replace(/\/$/, ''));
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

describe('AUTH_URL and the build', () => {
  it('agree on the base path, which the environment may repeat', () => {
    const agreed = { AUTH_URL: 'https://app.example/portal', BASE_PATH: '/portal' };
    expect(parse(agreed, '/portal')).toMatchObject({
      kind: 'ok',
      config: { appOrigin: 'https://app.example', appUrl: 'https://app.example/portal' },
    });
  });

  it.each([
    [
      { AUTH_URL: 'https://app.example/portal' },
      '',
      'AUTH_URL has the path /portal, and this build is for the root of its host: set it to https://app.example, or build with BASE_PATH=/portal',
    ],
    [
      { AUTH_URL: 'https://app.example' },
      '/portal',
      'AUTH_URL has no path, and this build is for /portal: set it to https://app.example/portal, or build without BASE_PATH',
    ],
    [
      { AUTH_URL: 'https://app.example/crm' },
      '/portal',
      'AUTH_URL has the path /crm, and this build is for /portal: set it to https://app.example/portal, or build with BASE_PATH=/crm',
    ],
    [
      { BASE_PATH: '/portal' },
      '',
      'BASE_PATH is /portal, and this build is for the root of its host: build with BASE_PATH=/portal, or remove it here',
    ],
  ])(
    'OP-01: %j with a build for "%s" stops the start, and names both and what to do',
    (env, built, words) => {
      expect(problemsOf(env as Record<string, string>, built)).toEqual([words]);
    },
  );

  it.each(['/portal/', '/a/../portal', '/p%6frtal', '/portal/.', '//portal'])(
    'OP-01: a path written as %s is rejected as it stands',
    (path) => {
      expect(problemsOf({ AUTH_URL: `https://app.example${path}` }, '/portal')[0]).toContain(
        'end with the base',
      );
    },
  );

  it.each(['/dashboard', '/sign-in'])('RD-09: no page begins with the base path %s', (path) => {
    expect(problemsOf({ AUTH_URL: `https://app.example${path}` }, path)[0]).toMatch(/how the page .* begins/);
  });
});

const addresses = [
  ...['', ':3000', '/3000', '/a-b', '/a_b', '/a/b', '/ab', ':3000/a', '/3000/a', '/crm', '/crm-draft'],
].map((rest) => `https://app.example${rest}`);

describe('applications on one host', () => {
  it('CK-01: have names of cookies of their own, and none is another with something appended', () => {
    const names = addresses.map((address) => configOf(address).cookieName);
    expect(new Set(names).size).toBe(addresses.length);
    expect(names.join('')).toMatch(/^[\w]+$/);
    expect(configOf('https://app.example/portal').cookieName).toBe('strongroom__portal');
  });

  it('have keys of their own in a shared Redis', () => {
    expect(new Set(addresses.map(keyPrefix)).size).toBe(addresses.length);
    expect(keyPrefix('https://app.example/')).toBe('strongroom:app.example:');
    expect(keyPrefix('https://app.example/portal')).toBe('strongroom:app.example/portal:');
  });
});
