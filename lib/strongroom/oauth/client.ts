/** This application as an OAuth client, in the terms of oauth4webapi: who we are, how we authenticate, how requests are sent. */
import 'server-only';
import * as oauth from 'oauth4webapi';
import type { HttpLimits } from '../base/http-client';
import { getConfig } from '../config/config';
import { defaultLimits, fetchFromAuthorizationServer } from './authorization-server-fetch';
import { getMetadata, type ServerMetadata } from './metadata';

export type ClientContext = {
  server: ServerMetadata;
  client: oauth.Client;
  authentication: oauth.ClientAuth;
};

export async function getClientContext(): Promise<ClientContext> {
  const { clientId, clientSecret, clientAuthentication } = getConfig();
  const authentication =
    clientAuthentication === 'client_secret_post'
      ? oauth.ClientSecretPost(clientSecret)
      : oauth.ClientSecretBasic(clientSecret);
  return { server: await getMetadata(), client: { client_id: clientId }, authentication };
}

/** Request options that send through our own fetch; addresses were judged with the metadata (http on loopback only). */
export function requestOptions(limits: HttpLimits = defaultLimits) {
  return {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<string, unknown>) =>
      fetchFromAuthorizationServer(
        url,
        { method: init.method, headers: init.headers, body: init.body as BodyInit | null },
        limits,
      ),
  };
}

/** `audience` as Auth0 takes it and `resource` as RFC 8707 §2 does; nothing when no API identifier is configured. */
export function audienceParameters(): Record<string, string> {
  const { audience } = getConfig();
  return audience === null ? {} : { audience, resource: audience };
}
