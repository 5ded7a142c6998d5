/** Writes into the audit log what an operator did by `npm run revoke-sessions`, beside the application. */
import 'server-only';
import { endAuditLog, startAuditLog } from '../audit/audit-log';
import { onEvent } from '../base/events';
import { logEvent } from '../base/log';
import { getConfig, listConfigProblems } from '../config/config';
import { pseudonymOf } from '../session/user-pseudonym';

/** @returns why there is no record, or null */
export async function auditRevocation(subject: string): Promise<string | null> {
  const [problem] = listConfigProblems();
  if (problem !== undefined)
    return `${problem.variable} ${problem.problem}; it needs the whole environment of the application`;
  const { audit, issuer } = getConfig();
  const failure = await startAuditLog(audit, (address) => address);
  if (failure !== null) return `AUDIT_LOG ${failure}`;
  const failures: string[] = [];
  onEvent(({ event, fields }) => {
    if (event === 'audit_log_failing') failures.push(String(fields.mend ?? fields.reason));
  });
  const ofUser = pseudonymOf({ issuer, subject });
  logEvent('sessions_revoked', audit.hasSubjects ? { ofUser, ofSubject: subject } : { ofUser });
  await endAuditLog();
  return failures[0] ?? null;
}
