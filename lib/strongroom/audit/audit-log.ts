/**
 * The audit log of this process: hears every event, makes a record of those that are about security, and hands them
 * to a queue. No request waits for it, and none fails with it.
 */
import 'server-only';
import { createHash, randomUUID } from 'node:crypto';
import { nowMs } from '../base/clock';
import { onEvent } from '../base/events';
import { processSingleton } from '../base/process-singleton';
import { currentFacts } from '../base/request-facts';
import type { AuditDestination, AuditSettings } from '../config/audit-settings';
import { AuditQueue, type AuditSink, DeliveryError } from './audit-queue';
import { type AuditContext, toAuditRecord } from './audit-record';
import { findRule } from './audited-events';
import { createCollectorSink } from './collector-sink';
import { createFileSink, findFileProblem } from './file-sink';

/** Half of the places stay for what users and operators did, whatever strangers send. */
const shareOfStrangers = 0.5;

export type CutAddress = (address: string) => string;

const running = () => processSingleton<{ queue: AuditQueue | null }>('audit', () => ({ queue: null }));

/**
 * From now on events are recorded. A destination that cannot work is said before the first request.
 * @param cutAddress to its network
 * @returns what is wrong with the setting, as the second half of a sentence, or null
 */
export async function startAuditLog(settings: AuditSettings, cutAddress: CutAddress): Promise<string | null> {
  const { destination } = settings;
  if (destination === null) return null;
  const problem = destination.kind === 'file' ? await findFileProblem(destination.path) : null;
  if (problem?.isOfSetting) return `cannot be written (${problem.reason}): ${problem.mend}`;
  const queue = new AuditQueue(createSink(destination));
  running().queue = queue;
  onEvent((logged) => {
    const rule = findRule(logged);
    if (rule === null) return;
    const record = toAuditRecord(logged, rule, describeContext(settings, cutAddress));
    queue.add(JSON.stringify(record), rule.isByStrangers ? shareOfStrangers : 1);
  });
  return null;
}

/** Delivers what waits. */
export async function endAuditLog(): Promise<void> {
  await running().queue?.end();
}

function createSink(destination: AuditDestination): AuditSink {
  if (destination.kind === 'file') return createFileSink(destination.path);
  return destination.kind === 'collector' ? createCollectorSink(destination) : createStdoutSink();
}

function createStdoutSink(): AuditSink {
  return {
    gatherMs: 0,
    deliver: (lines) =>
      new Promise((resolve, reject) => {
        process.stdout.write(`${lines.join('\n')}\n`, (cause) =>
          cause ? reject(new DeliveryError('stdout_closed', { cause })) : resolve(),
        );
      }),
  };
}

function describeContext({ hasSubjects, addresses }: AuditSettings, cutAddress: CutAddress): AuditContext {
  const { clientAddress, userAgent, session } = currentFacts();
  const address = addresses === 'none' ? undefined : clientAddress?.();
  return {
    id: randomUUID(),
    time: new Date(nowMs()).toISOString(),
    actor: {
      userPseudonym: session?.userPseudonym(),
      subject: hasSubjects ? session?.subject : undefined,
      sessionId: session === undefined ? undefined : hashOf(session.id),
    },
    client: {
      address: address !== undefined && addresses === 'network' ? cutAddress(address) : address,
      userAgent,
    },
  };
}

function hashOf(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('base64url').slice(0, 22);
}
