/** Whether the audit log can be delivered. The file itself is not made: it would be whose the doctor is. */
import 'server-only';
import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync } from 'node:fs';
import type { DeliveryError } from '../audit/audit-queue';
import { describeStatus, post } from '../audit/collector-sink';
import { explainFileError, folderOf } from '../audit/file-sink';
import type { AuditDestination } from '../config/audit-settings';
import type { Context } from './context';
import { type Finding, findingsOf } from './finding';

const { ok, error } = findingsOf('audit log');
const variable = 'AUDIT_LOG';

export async function checkAuditLog({ config }: Context): Promise<Finding[]> {
  const { destination } = config.audit;
  if (destination === null) return [];
  if (destination.kind === 'stdout') return [ok('on standard output, between the lines of the log')];
  return destination.kind === 'file' ? checkFile(destination.path) : checkCollector(destination);
}

/** Node's permission is that of the command that starts the application, which the doctor cannot see. */
function checkFile(path: string): Finding[] {
  try {
    accessSync(existsSync(path) ? path : folderOf(path), constants.W_OK);
  } catch (cause) {
    return [describe(explainFileError(cause, path))];
  }
  return [ok(`${path} can be written; npm start needs --node-options=--allow-fs-write=${folderOf(path)}`)];
}

type Collector = Extract<AuditDestination, { kind: 'collector' }>;

/** It is sent no line: what it says of that is no matter, but for who may send and where. */
async function checkCollector(collector: Collector): Promise<Finding[]> {
  try {
    const { status } = await post(collector, '', randomUUID());
    if (![401, 403, 404, 405].includes(status) && status < 500) return [ok('the collector answers')];
    const isRejected = status === 401 || status === 403;
    return [
      error(`the collector takes nothing (${status})`, {
        variable: isRejected ? 'AUDIT_LOG_AUTHORIZATION' : variable,
        mend: describeStatus(status),
      }),
    ];
  } catch (failure) {
    return [describe(failure as DeliveryError)];
  }
}

function describe({ reason, mend }: DeliveryError): Finding {
  return error(`it cannot be delivered (${reason})`, { variable, ...(mend === undefined ? {} : { mend }) });
}
