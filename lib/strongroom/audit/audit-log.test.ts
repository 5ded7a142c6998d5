import { execFileSync } from 'node:child_process';
/** The audit log from an event to its destination: real files, a real collector, requests through the server guard. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LoggedEvent, onEvent } from '../base/events';
import { logEvent, logWarning } from '../base/log';
import { getConfig } from '../config/config';
import { groupAddress } from '../server/client-address';
import { noteSession } from '../session/user-pseudonym';
import { useEnvironment as setEnvironment } from '../testing/environment';
import { type GuardedServer, startGuardedServer } from '../testing/guarded-server';
import { startTestServer, type TestServer } from '../testing/http-server';
import { buildSession } from '../testing/sessions';
import { endAuditLog, startAuditLog } from './audit-log';
import type { AuditRecord } from './audit-record';

let folder: string;
let collector: TestServer;
let told: LoggedEvent[];
beforeAll(async () => {
  collector = await startTestServer();
});
afterAll(() => collector.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  collector.reset();
});
afterEach(() => rmSync(folder, { recursive: true }));

async function start(env: Record<string, string>): Promise<string | null> {
  setEnvironment(env);
  told = [];
  onEvent((event) => told.push(event));
  return startAuditLog(getConfig().audit, (address) => groupAddress(address).network);
}

const parse = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line): AuditRecord => JSON.parse(line));
const failing = () => told.filter(({ event }) => event === 'audit_log_failing').map(({ fields }) => fields);

describe('a file', () => {
  const path = () => join(folder, 'audit.jsonl');
  const startFile = () => start({ AUDIT_LOG: `file:${path()}` });

  it('gets a line for each event, and a new file after it was renamed', async () => {
    expect(await startFile()).toBeNull();
    expect(statSync(path()).mode & 0o777).toBe(0o640);
    logEvent('signed_out', { isEverywhere: true });
    await expect.poll(() => parse(readFileSync(path(), 'utf8')).length).toBe(1);
    renameSync(path(), `${path()}.1`);
    logEvent('tokens_refreshed');
    logWarning('role_missing', { code: 'role_required' });
    await endAuditLog();
    expect(parse(readFileSync(path(), 'utf8'))).toMatchObject([{ event: 'role_missing' }]);
    expect(parse(readFileSync(`${path()}.1`, 'utf8'))).toMatchObject([{ event: 'signed_out' }]);
  });

  it('that cannot be written is said before the first request, with what to do', async () => {
    expect(await start({ AUDIT_LOG: `file:${folder}/none/audit.jsonl` })).toMatch(
      /^cannot be written \(file_folder_missing\): make the folder .*\/none\/$/,
    );
    expect(await start({ AUDIT_LOG: `file:${folder}` })).toMatch(/file_is_folder/);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await start({ AUDIT_LOG: `file:${pipe}` })).toMatch(/file_special.*AUDIT_LOG=stdout/);
    expect(await start({ AUDIT_LOG: 'file:/dev/null' })).toMatch(/file_special/);
  });

  it('that cannot be written for a while fails nothing, is said once, and is caught up', async () => {
    await startFile();
    rmSync(folder, { recursive: true });
    logEvent('signed_out');
    await expect.poll(failing).toHaveLength(1);
    expect(failing()[0]).toMatchObject({ reason: 'file_folder_missing' });
    expect(existsSync(path())).toBe(false);
    folder = mkdtempSync(join(tmpdir(), 'audit-'));
    await endAuditLog();
    expect(failing().at(-1)).toMatchObject({ reason: 'process_exit', lost: 1 });
  });
});

describe('a collector', () => {
  type Received = { records: AuditRecord[]; key: string | undefined; authorization: string | undefined };
  let received: Received[];
  let respond: (count: number) => number | 'refuse';

  beforeEach(async () => {
    received = [];
    respond = () => 204;
    collector.handlers['/audit'] = ({ headers, socket }, response, body) => {
      const key = headers['idempotency-key']?.toString();
      received.push({ records: parse(body), key, authorization: headers.authorization });
      expect(headers['content-type']).toBe('application/x-ndjson');
      const status = respond(received.length);
      if (status === 'refuse') socket.destroy();
      else response.writeHead(status).end();
    };
    const address = { AUDIT_LOG: `${collector.origin}/audit`, AUDIT_LOG_AUTHORIZATION: 'Splunk 7f3c' };
    expect(await start(address)).toBeNull();
  });

  it('gets what happened in one batch, with its own credentials', async () => {
    logEvent('signed_in', { scopes: 3 });
    logEvent('signed_out');
    await endAuditLog();
    expect(received).toMatchObject([
      { records: [{ event: 'signed_in' }, { event: 'signed_out' }], authorization: 'Splunk 7f3c' },
    ]);
  });

  it.each([500, 'refuse', 401] as const)('that fails (%s) gets the same batch again', async (kind) => {
    respond = (count) => (count === 1 ? kind : 204);
    logEvent('signed_out');
    await endAuditLog();
    // The end of the process tries once more.
    expect(received[1]).toEqual(received[0]);
    expect(received.slice(2)).toMatchObject([{ records: [{ event: 'audit_log_back' }] }]);
    expect(received[0]?.key).toMatch(/^[\da-f-]{36}$/);
    expect(failing()).toHaveLength(1);
  });

  it('that stalls holds nothing up, and gets everything when it is back', async () => {
    let stalled: Socket | null = null;
    collector.handlers['/stall'] = ({ socket }, response, body) => {
      if (received.push({ records: parse(body), key: '', authorization: '' }) > 1) return response.end();
      stalled = socket;
    };
    await start({ AUDIT_LOG: `${collector.origin}/stall` });
    for (let count = 0; count < 300; count += 1) logEvent('signed_out');
    await expect.poll(() => stalled).not.toBeNull();
    logEvent('signed_in');
    const end = endAuditLog();
    (stalled as Socket | null)?.destroy();
    await end;
    const events = received.slice(1).flatMap(({ records }) => records.map(({ event }) => event));
    expect(events.filter((event) => event === 'signed_out')).toHaveLength(300);
    expect(events).toContain('signed_in');
  });

  it('that never takes a batch loses it alone, and a later record counts it', async () => {
    respond = (count) => (count === 1 ? 413 : 204);
    logEvent('signed_out');
    await expect.poll(() => received.length).toBe(1);
    logEvent('signed_in', { scopes: 1 });
    await endAuditLog();
    const events = received.slice(1).flatMap(({ records }) => records);
    expect(events).toMatchObject([
      { event: 'signed_in' },
      { event: 'audit_log_back', outcome: 'notice', details: { dropped: 1 } },
    ]);
  });
});

describe('who and from where', () => {
  let guarded: GuardedServer;
  const path = () => join(folder, 'audit.jsonl');
  afterEach(() => guarded.close());

  async function recordOf(env: Record<string, string>, headers: string): Promise<AuditRecord | undefined> {
    await start({ AUDIT_LOG: `file:${path()}`, TRUSTED_PROXY_HOPS: '1', ...env });
    guarded = await startGuardedServer();
    guarded.listener = (_request, response) => {
      noteSession(buildSession());
      logEvent('pending_action', { action: 'delete_contact', result: 'done' });
      response.end();
    };
    await guarded.get('/', headers);
    await endAuditLog();
    return parse(readFileSync(path(), 'utf8')).findLast(({ event }) => event === 'pending_action');
  }

  it('a forged X-Forwarded-For does not name another client', async () => {
    const forged = 'X-Forwarded-For: 203.0.113.9, 198.51.100.4\r\nX-Request-Id: from-the-proxy\r\n';
    const record = await recordOf({}, `${forged}User-Agent: Mozilla/5.0 ${'x'.repeat(5_000)}\r\n`);
    expect(record).toMatchObject({ client: { address: '198.51.100.4' }, requestId: 'from-the-proxy' });
    expect(record?.client.userAgent).toHaveLength(256);
  });

  it('names users by a pseudonym, and sessions by a hash', async () => {
    const { id, user } = buildSession();
    const record = await recordOf({}, '');
    expect(record?.actor).toEqual({
      userPseudonym: expect.stringMatching(/^[\w-]{16}$/),
      sessionId: createHash('sha256').update(id).digest('base64url').slice(0, 22),
    });
    const text = JSON.stringify(record);
    for (const secret of [user.subject, user.email ?? '', user.name ?? '', id])
      expect(text).not.toContain(secret);
  });

  it('names the subject where the operator wants it, and cuts or leaves out the address', async () => {
    const env = { AUDIT_LOG_USERS: 'subject', AUDIT_LOG_ADDRESSES: 'network' };
    const record = await recordOf(env, 'X-Forwarded-For: 198.51.100.4\r\n');
    expect(record).toMatchObject({
      actor: { subject: buildSession().user.subject },
      client: { address: '198.51.100.0/24' },
    });
    await guarded.close();
    const without = await recordOf({ AUDIT_LOG_ADDRESSES: 'none' }, '');
    expect(without?.client).toEqual({});
  });
});
