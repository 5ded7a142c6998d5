/** Origins of the authorization server that our pages may refer to, read from the cache without a request. */
import 'server-only';
import { getConfig } from '../config/config';
import { knownMetadata } from './metadata';

/** The issuer's origin, and where its logout lives once the metadata is known. */
export function serverOrigins(): string[] {
  const addresses = [getConfig().issuer, knownMetadata()?.end_session_endpoint];
  return [
    ...new Set(
      addresses.filter((address) => address !== undefined).map((address) => new URL(address).origin),
    ),
  ];
}
