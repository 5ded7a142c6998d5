/**
 * Which protections a sign-in has that begins now: what the configuration and the server's metadata come to.
 * For pages, the doctor and `/readyz`; nothing of it is a secret.
 */
import 'server-only';
import type { ClientAuthentication } from '../config/client-authentication';
import { getConfig } from '../config/config';
import type { SecurityProfile } from '../config/security-profile';
import { authenticationFor } from './client-authentication';
import { needsDpop } from './dpop-support';
import { getMetadata } from './metadata';
import type { ServerMetadata } from './metadata-document';
import { choosePush } from './pushed-authorization';
import { needsRequestObject } from './request-object';

export type Protections = {
  profile: SecurityProfile;
  clientAuthentication: ClientAuthentication;
  /** The request goes to the server directly (RFC 9126). */
  isPushed: boolean;
  /** The request is signed (RFC 9101). */
  isSigned: boolean;
  /** The response has to name its issuer (RFC 9207). */
  isIssuerRequired: boolean;
  /** Tokens are bound to a key of their session (RFC 9449). */
  isBound: boolean;
};

/** Null while the metadata are out of reach. */
export async function readProtections(): Promise<Protections | null> {
  const server = await getMetadata().catch(() => null);
  return server === null ? null : protectionsAt(server);
}

export async function protectionsAt(server: ServerMetadata): Promise<Protections> {
  return {
    profile: getConfig().securityProfile,
    clientAuthentication: authenticationFor(server),
    isPushed: choosePush(server) !== 'none',
    isSigned: needsRequestObject(server),
    isIssuerRequired: server.authorization_response_iss_parameter_supported === true,
    isBound: await needsDpop(server),
  };
}

/** In one line, for operators. Pure. */
export function describeProtections(protections: Protections): string {
  const { profile, clientAuthentication, isPushed, isSigned, isIssuerRequired, isBound } = protections;
  return [
    ...(profile === 'fapi2' ? ['FAPI 2.0'] : []),
    clientAuthentication,
    'PKCE (S256)',
    ...(isPushed ? ['pushed requests'] : []),
    ...(isSigned ? ['signed requests'] : []),
    ...(isIssuerRequired ? ['iss in the response'] : []),
    isBound ? 'DPoP' : 'bearer tokens',
  ].join(', ');
}
