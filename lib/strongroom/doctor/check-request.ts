/**
 * Whether the server takes our authorization request, and if it does not know an audience, of which API that is.
 * @see OIDC Core §3.1.2.1, RFC 8707 §2
 */
import 'server-only';
import { type Api, isVariable } from '../config/apis';
import { listMoreTargets } from '../oauth/requested-targets';
import { findUnmetRequirements } from '../oauth/server-requirements';
import type { Context, Server } from './context';
import { type Finding, findingsOf } from './finding';
import { tryOnce } from './try-request';

const { warning } = findingsOf('sign-in');

export async function checkRequest(context: Context, server: Server): Promise<Finding[]> {
  if (findUnmetRequirements(context.config, server.metadata).length > 0) return [];
  const { code, findings } = await tryOnce(context, server);
  const targets = listMoreTargets(context.config.scopes);
  if (code !== 'invalid_target' || targets.length === 0) return findings;
  const without = await tryOnce(context, server, targets);
  // It is that of the first API.
  if (without.code === 'invalid_target') return findings;
  const alone = targets.map((api) => targets.filter((other) => other !== api));
  const tried = await Promise.all(alone.map((leftOut) => tryOnce(context, server, leftOut)));
  return [
    ...without.findings,
    ...targets.filter((_, at) => tried[at]?.code === 'invalid_target').map(nameTarget),
  ];
}

function nameTarget({ name, audience, audienceSource }: Api): Finding {
  const mend = 'write the identifier of that API as the server knows it, and allow this client to ask for it';
  return warning(
    `the server does not know ${audience}: users sign in without the API ${name}`,
    isVariable(audienceSource) ? { variable: audienceSource, mend } : { mend: `in the declaration, ${mend}` },
  );
}
