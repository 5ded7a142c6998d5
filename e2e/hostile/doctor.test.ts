/**
 * The doctor against servers of which a case breaks one thing: it names the variable to change each time,
 * complains of nothing else, and prints neither a secret nor a stack. A case that does not depend on the
 * process runs in this one.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findFreePorts } from '../../scripts/ports.ts';
import { hasRedis, type RedisServer, startRedis } from '../../scripts/redis-server.ts';
import {
  type Diagnosis,
  type DoctorWorld,
  diagnose,
  diagnoseHere,
  startDoctorWorld,
} from '../support/doctor-world.ts';
import type { Misconfiguration } from './misconfiguration.ts';
import { ofTheClient, ofTheCredentials, ofTheServer } from './misconfigured-server.ts';
import { ofTheEnvironment, ofTheNetwork } from './misconfigured-settings.ts';
import {
  ofRedis,
  ofTheApi,
  ofTheAuditLog,
  ofTheCollectors,
  ofThePublicAddress,
} from './misconfigured-surroundings.ts';

const misconfigurations = [
  ofTheEnvironment,
  ofTheNetwork,
  ofTheServer,
  ofTheClient,
  ofTheCredentials,
  ofTheApi,
  ofTheAuditLog,
  ofTheCollectors,
  ofThePublicAddress,
].flat();

let world: DoctorWorld;
/** Everything that was printed in this test. */
let printed: string[];
beforeAll(async () => {
  world = await startDoctorWorld();
});
afterAll(() => world?.close());
beforeEach(async () => {
  printed = [];
  await world.heal();
});
afterEach(() => {
  for (const text of printed) {
    expect(world.secrets.filter((secret) => text.includes(secret))).toEqual([]);
    expect(text).not.toMatch(/^\s+at .+[:(]\d+|\bnode:internal|Error:/m);
  }
});

type Environment = Readonly<Record<string, string>>;

async function run(env: Environment = {}): Promise<Diagnosis> {
  // Node reads it when it starts.
  const isOfTheProcess = 'NODE_EXTRA_CA_CERTS' in env || 'NODE_OPTIONS' in env;
  return remember(await (isOfTheProcess ? diagnose : diagnoseHere)({ ...world.env, ...env }));
}

/** As the command that operators run. */
async function runCommand(env: Environment = {}, args?: string[]): Promise<Diagnosis> {
  return remember(await diagnose({ ...world.env, ...env }, args));
}

function remember(diagnosis: Diagnosis): Diagnosis {
  printed.push(diagnosis.text);
  return diagnosis;
}

const isComplaint = ({ level }: { level: string }) => level !== 'ok';

async function expectNamed({ variable, env, breaks, words }: Misconfiguration): Promise<void> {
  await breaks?.(world);
  const { findings, exitCode, text } = await run(env?.(world));
  const complaints = findings.filter(isComplaint);
  expect(
    complaints.map((finding) => finding.variable),
    text,
  ).toContain(variable);
  expect(new Set(complaints.map((finding) => finding.variable)), text).toEqual(new Set([variable]));
  expect(
    complaints.every(({ mend }) => (mend ?? '') !== ''),
    text,
  ).toBe(true);
  expect(complaints.map((finding) => finding.words).join('\n')).toMatch(words ?? /./);
  expect(exitCode).toBe(findings.some(({ level }) => level === 'error') ? 1 : 0);
}

describe('a healthy deployment', () => {
  it('has no complaint, exit code 0, and the addresses to register', async () => {
    const { findings, exitCode, text } = await runCommand();
    expect(findings.filter(isComplaint), text).toEqual([]);
    expect(exitCode).toBe(0);
    expect(text).toContain(world.server.client.redirectUri);
  });

  it('prints a line for each finding, and a last one that sums them up', async () => {
    const { text, exitCode } = await runCommand({}, []);
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^ok {7}client +the server accepts client id and secret as client_secret_basic$/m);
    expect(text.trimEnd().split('\n').at(-1)).toBe('Users can sign in: 0 errors, 0 warnings.');
  });
});

describe('of the misconfigurations', () => {
  it('at least forty are tried without Redis', () => {
    expect(misconfigurations.length).toBeGreaterThanOrEqual(40);
  });

  for (const one of misconfigurations)
    it(`${one.what} is named, with ${one.variable} and nothing else`, () => expectNamed(one));

  for (const one of ofRedis)
    it.runIf(hasRedis())(`${one.what} is named, with ${one.variable} and nothing else`, () =>
      expectNamed(one),
    );
});

describe.runIf(hasRedis())('of Redis in other forms', () => {
  const running: RedisServer[] = [];
  const start = async (...parameters: Parameters<typeof startRedis>) => {
    const redis = await startRedis(...parameters);
    running.push(redis);
    return redis.url;
  };
  afterEach(async () => void (await Promise.all(running.splice(0).map((redis) => redis.close()))));
  const ofRedisIn = ({ findings }: Diagnosis) => findings.filter(({ check }) => check === 'Redis');

  it('a cluster is named that is written as one Redis, and one without slots', async () => {
    // Its other port would be 10,000 higher by default, where connections of other tests may be.
    const [port = 0] = await findFreePorts(1);
    const url = await start(['--cluster-enabled', 'yes', '--cluster-port', String(port)]);
    expect(ofRedisIn(await run({ REDIS_URL: url }))).toMatchObject([
      {
        level: 'error',
        variable: 'REDIS_URL',
        words: 'this is a Redis Cluster',
        mend: expect.stringMatching(/redis-cluster:/),
      },
    ]);
    const named = await run({ REDIS_URL: url.replace('redis:', 'redis-cluster:') });
    expect(ofRedisIn(named)).toMatchObject([
      { level: 'error', variable: 'REDIS_URL', words: expect.stringMatching(/no slots/) },
    ]);
  });

  it('a sentinel is named that is written as one Redis, and a name that it does not know', async () => {
    const primary = await start(['--appendonly', 'yes']);
    const settings = `sentinel monitor mymaster 127.0.0.1 ${new URL(primary).port} 1\n`;
    const url = await start(['--sentinel'], { settings });
    expect(ofRedisIn(await run({ REDIS_URL: url }))).toMatchObject([
      { level: 'error', variable: 'REDIS_URL', mend: expect.stringMatching(/redis-sentinel:/) },
    ]);
    const through = url.replace('redis:', 'redis-sentinel:');
    expect(ofRedisIn(await run({ REDIS_URL: `${through}/other` }))).toMatchObject([
      { level: 'error', variable: 'REDIS_URL', words: 'the sentinels have no primary of that name' },
    ]);
    expect(ofRedisIn(await run({ REDIS_URL: `${through}/mymaster` }))).toMatchObject([
      { level: 'ok', words: expect.stringMatching(/sentinel, primaries: 1/) },
    ]);
  });

  it('a Redis by TLS is trusted with the authority that NODE_EXTRA_CA_CERTS names, and only then', async () => {
    const [port = 0] = await findFreePorts(1);
    const tls = (name: string) => join(import.meta.dirname, 'tls', `${name}.pem`);
    const files = ['--tls-cert-file', tls('right'), '--tls-key-file', tls('test-only-key')];
    const authority = ['--tls-ca-cert-file', tls('authority'), '--tls-auth-clients', 'no'];
    await start(['--tls-port', String(port), ...files, ...authority, '--appendonly', 'yes']);
    const env = { REDIS_URL: `rediss://127.0.0.1:${port}` };
    expect(ofRedisIn(await run(env))).toMatchObject([{ level: 'error', variable: 'NODE_EXTRA_CA_CERTS' }]);
    const known = await run({ ...env, NODE_EXTRA_CA_CERTS: tls('authority') });
    expect(ofRedisIn(known)).toMatchObject([{ level: 'ok' }]);
  });
});

it('all problems of the environment are listed at once', async () => {
  const { findings, exitCode } = await runCommand({ AUTH_URL: '', AUTH_SECRET: 'x', LOG_LEVEL: 'loud' });
  expect(findings.filter(isComplaint).map(({ variable }) => variable)).toEqual(
    expect.arrayContaining(['AUTH_URL', 'AUTH_SECRET', 'LOG_LEVEL']),
  );
  expect(exitCode).toBe(1);
});

it('a clock of the server that is an hour ahead is an error, and one of the API a warning', async () => {
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  world.server.metadata = { headers: { date } };
  expect((await run()).findings.filter(isComplaint)).toMatchObject([{ level: 'error', check: 'clock' }]);
  await world.heal();
  world.api.handlers['/'] = (_request, response) => response.writeHead(401, { date }).end();
  expect((await run()).findings.filter(isComplaint)).toMatchObject([{ level: 'warning', check: 'clock' }]);
});
