import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClientKey, writeKeySet } from '../testing/client-keys';
import { useEnvironment } from '../testing/environment';
import { json, startTestServer, type TestServer } from '../testing/http-server';
import { offerMetadata } from '../testing/server-metadata';
import { examine } from './examine';
import type { Finding } from './finding';
import { printFindings, printJson } from './print-findings';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterEach(() => server.reset());
afterAll(() => server.close());

const silence = () => {};
const discovery = '/.well-known/openid-configuration';
/** Longer than any test may take: only the bound of all checks together can end them. */
const bounds = { requestMs: 3_600_000, totalMs: 200 };
const complaints = (findings: readonly Finding[]) =>
  findings
    .filter(({ level }) => level !== 'ok')
    .map(({ check, variable }) => `${check}: ${variable}`)
    .toSorted();

function useHangingServer(): void {
  const { origin } = server;
  useEnvironment({ AUTH_ISSUER: origin, AUTH_URL: origin, API_BASE_URL: `${origin}/api` });
}

describe('servers that never respond', () => {
  it('cost their own lines: the doctor ends within the time of all checks together', async () => {
    useHangingServer();
    for (const path of [discovery, '/api', '/healthz']) server.handlers[path] = silence;
    const findings = await examine(bounds);
    expect(complaints(findings)).toEqual([
      'API: API_BASE_URL',
      'issuer: AUTH_ISSUER',
      'public address: AUTH_URL',
    ]);
    expect(findings.some(({ check, level }) => check === 'cookies' && level === 'ok')).toBe(true);
  });

  it('cost their own lines after the metadata came, too', async () => {
    useHangingServer();
    const { origin: issuer } = server;
    const [authorization_endpoint, token_endpoint, jwks_uri] = ['authorize', 'token', 'keys'].map(
      (name) => `${issuer}/${name}`,
    );
    server.handlers[discovery] = json({ issuer, authorization_endpoint, token_endpoint, jwks_uri });
    for (const path of ['/authorize', '/token', '/keys', '/api', '/healthz']) server.handlers[path] = silence;
    const late = (await examine({ ...bounds, totalMs: 3_000 })).filter(
      ({ words }) => words === 'no result in time',
    );
    expect(late.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['keys', 'client', 'sign-in', 'API', 'public address']),
    );
  });

  it('cost their own lines when one request ends first', async () => {
    useHangingServer();
    for (const path of [discovery, '/api', '/healthz']) server.handlers[path] = silence;
    const findings = await examine({ requestMs: 50, totalMs: 3_600_000 });
    expect(complaints(findings)).toContain('issuer: AUTH_ISSUER');
    expect(findings.find(({ check }) => check === 'issuer')?.words).toContain('does not respond in time');
  });
});

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

const unbounded = { requestMs: 3_600_000, totalMs: 3_600_000 };

function useClient(env: Record<string, string>): void {
  const { origin } = server;
  useEnvironment({ AUTH_ISSUER: origin, AUTH_URL: origin, AUTH_CLIENT_SECRET: undefined, ...env });
  offerMetadata(server, {}, { token_endpoint_auth_methods_supported: ['private_key_jwt'] });
}

describe('a client without a secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-doctor-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  /** The server knows the client: what it does not know is the code. */
  const knowsClient = json({ error: 'invalid_grant' }, 400);

  it('CA-02: is told that the server accepts its key, where to register it, and nothing of the key', async () => {
    const key = createClientKey();
    let sent = '';
    server.handlers['/token'] = (request, response, body) => {
      sent = body;
      knowsClient(request, response, body);
    };
    useClient({ AUTH_CLIENT_KEYS: writeKeySet(key) });
    const findings = await examine(unbounded);
    const words = findings.map((finding) => `${finding.level} ${finding.words}`);
    expect(words).toContain('ok the server accepts the key key-ES256 as private_key_jwt (ES256)');
    expect(words.join()).toContain(`${server.origin}/.well-known/jwks.json`);
    expect(JSON.stringify(findings)).not.toContain(key.d);
    expect(sent).toContain('client_assertion=ey');
  });

  it('CA-02: is told whose token of the platform the server accepts, and which flag the start needs', async () => {
    const file = join(folder, 'token');
    const claims = {
      iss: 'https://platform.example',
      sub: 'workload',
      aud: server.origin,
      exp: 9_999_999_999,
    };
    const token = `${encode({ alg: 'RS256' })}.${encode(claims)}.canary-signature`;
    writeFileSync(file, token);
    server.handlers['/token'] = knowsClient;
    useClient({ AUTH_CLIENT_ASSERTION_FILE: file });
    const findings = await examine(unbounded);
    const words = findings.map((finding) => `${finding.level} ${finding.words}`);
    expect(words).toContain(
      `ok the server accepts the token in ${file} (iss https://platform.example, sub workload, aud ${server.origin})`,
    );
    expect(words.join()).toContain(`--allow-fs-read=${file}`);
    expect(JSON.stringify(findings)).not.toContain('canary-signature');
  });
});

const unsent = 'a-secret-that-is-not-sent';

/** @returns what is sent to the token endpoint, as it is read in a log */
function useRejectedClient(env: Record<string, string>): string[] {
  const sent: string[] = [];
  server.handlers['/token'] = (request, response, body) => {
    const header = request.headers.authorization ?? '';
    sent.push(body, Buffer.from(header.replace('Basic ', ''), 'base64').toString());
    json({ error: 'invalid_client' }, 401)(request, response, body);
  };
  useClient({ AUTH_CLIENT_SECRET: unsent, AUTH_CLIENT_KEYS: writeKeySet(createClientKey()), ...env });
  return sent;
}

describe('a client that the server rejects', () => {
  it.each(['client_secret_jwt', 'private_key_jwt', 'none'])(
    'CA-02: is not tried with the secret itself where AUTH_CLIENT_AUTH=%s',
    async (AUTH_CLIENT_AUTH) => {
      const sent = useRejectedClient({ AUTH_CLIENT_AUTH });
      await examine(unbounded);
      expect(sent.join()).toContain('made-up-by-the-doctor');
      expect(sent.join()).not.toContain(unsent);
    },
  );

  it.each(['auto', 'client_secret_basic'])(
    'CA-02: is tried with the secret in every way where AUTH_CLIENT_AUTH=%s',
    async (AUTH_CLIENT_AUTH) => {
      const sent = useRejectedClient({ AUTH_CLIENT_AUTH });
      await examine(unbounded);
      expect(sent.join()).toContain(`client_secret=${unsent}`);
      expect(sent.join()).toContain(`:${unsent}`);
    },
  );
});

describe('what is printed', () => {
  const findings: Finding[] = [
    { level: 'ok', check: 'keys', words: 'the keys load' },
    {
      level: 'error',
      check: 'client',
      words: 'rejected',
      variable: 'AUTH_CLIENT_AUTH',
      mend: 'set it to client_secret_post',
    },
  ];

  it('is a line for each finding, with the variable and what to do below it', () => {
    expect(printFindings(findings).split('\n')).toEqual([
      'ok       keys            the keys load',
      'ERROR    client          rejected',
      '                         → AUTH_CLIENT_AUTH: set it to client_secret_post',
      '',
      'This deployment does not work yet: 1 error, 0 warnings.',
      '',
    ]);
  });

  it('is JSON for machines', () => {
    expect(JSON.parse(printJson(findings))).toEqual({ status: 'error', findings });
    expect(JSON.parse(printJson([]))).toEqual({ status: 'ok', findings: [] });
  });
});
