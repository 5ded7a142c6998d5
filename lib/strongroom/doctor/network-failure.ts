/** Why a server could not be reached, in words, and the variable that mends it. */
import 'server-only';
import { findAppError } from '../base/errors';
import { HttpError } from '../base/http-exchange';
import type { Remedy } from './finding';

type Explanation = { words: string; mend: string; variable?: string };

const unknownAuthority: Explanation = {
  words: 'its certificate is signed by an authority that Node does not know',
  mend: 'name the file with the certificate of that authority (PEM), or install the whole chain on the server',
  variable: 'NODE_EXTRA_CA_CERTS',
};
const noName: Explanation = {
  words: 'DNS does not know its name',
  mend: 'check the host, and the DNS of this machine',
};
const noTls: Explanation = { words: 'it does not speak TLS there', mend: 'check the scheme and the port' };
const closed: Explanation = {
  words: 'it closes the connection without a response',
  mend: 'check the port, and what stands in front of it',
};
const late: Explanation = {
  words: 'it does not respond in time',
  mend: 'check the host, and that a firewall lets requests out of here',
};

/** By the codes of Node, OpenSSL and undici. */
const explanations: Readonly<Record<string, Explanation>> = {
  ENOTFOUND: noName,
  EAI_AGAIN: noName,
  ECONNREFUSED: { words: 'nothing listens there', mend: 'check host and port, and that it runs' },
  ECONNRESET: closed,
  UND_ERR_SOCKET: closed,
  EHOSTUNREACH: late,
  ENETUNREACH: late,
  ETIMEDOUT: late,
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  CERT_HAS_EXPIRED: { words: 'its certificate has expired', mend: 'renew it on the server' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    words: 'its certificate is for another host',
    mend: 'write the host that the certificate names',
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  EADDRREFUSED: {
    words: 'its name leads to a link-local or metadata address, where nothing is sent',
    mend: 'check what DNS says about this host',
  },
};

/** Between here and an egress proxy. */
const proxyCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_ABORTED', 'UND_ERR_PRX_TLS']);

/** @param variable holds the address that was asked */
export function explainFailure(
  error: unknown,
  variable: string,
  egressProxyUrl: string | null,
): { words: string; remedy: Remedy } {
  const codes = listCodes(error);
  if (egressProxyUrl !== null && codes.some((code) => proxyCodes.has(code)))
    return {
      words: 'the egress proxy does not let the request through',
      remedy: { variable: 'EGRESS_PROXY_URL', mend: 'check its address, and which hosts it allows' },
    };
  const code = codes.find((one) => Object.hasOwn(explanations, one));
  const { words, mend, ...own } = explanations[code ?? ''] ?? explainByKind(error);
  return { words, remedy: { variable: own.variable ?? variable, mend } };
}

function explainByKind(error: unknown): Explanation {
  const reason = findAppError(error)?.reason ?? (error instanceof HttpError ? error.failure : 'network');
  if (reason === 'timeout') return late;
  if (reason === 'redirect')
    return { words: 'it redirects to another address', mend: 'write the address that it redirects to' };
  const status = /^status_(\w+)$/.exec(reason)?.[1];
  if (status !== undefined)
    return { words: `it responds with status ${status}`, mend: 'see the log of that server' };
  return {
    words: `no usable response (${reason})`,
    mend: 'check the address, and the network of this machine',
  };
}

/** System codes along the chain of causes. */
function listCodes(error: unknown): string[] {
  const codes: string[] = [];
  let link: unknown = error;
  for (let depth = 0; depth < 8 && link instanceof Error; depth += 1) {
    if ('code' in link && typeof link.code === 'string') codes.push(link.code);
    link = link.cause;
  }
  return codes;
}
