/** An API of invoices: it answers those whose access token was issued, with the scope that the request needs. */
import type { ServerResponse } from 'node:http';
import type { Grant } from '../hostile/grant.ts';
import { type Listener, listen, type ReceivedRequest } from '../hostile/listener.ts';

type WireInvoice = { id: string; customer: string; total_cents: number; paid: boolean; issued_at: string };

export type InvoicesApi = Listener & {
  invoices: WireInvoice[];
  /** Access tokens that it does not take any more. */
  rejected: Set<string>;
  /** It asks for a sign-in with the `acr` of that name. @see RFC 9470 */
  wantsStrongSignIn: boolean;
};

/** @param findGrant the grant that an access token belongs to */
export async function startInvoicesApi(
  findGrant: (accessToken: string) => Grant | undefined,
): Promise<InvoicesApi> {
  const invoices = [buildInvoice('Ada Lovelace', 120_000), buildInvoice('Grace Hopper', 4_250)];
  const state = { rejected: new Set<string>(), wantsStrongSignIn: false };
  const listener = await listen((request, response) => {
    const needed = request.method === 'POST' ? 'write:invoices' : 'read:invoices';
    const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
    const grant = findGrant(token);
    if (grant === undefined || state.rejected.has(token)) challenge(response, 401, 'error="invalid_token"');
    else if (state.wantsStrongSignIn && grant.request.get('acr_values') !== 'strong')
      challenge(response, 401, 'error="insufficient_user_authentication", acr_values="strong"');
    else if (scopesOf(grant).includes(needed)) respond(invoices, request, response);
    else challenge(response, 403, `error="insufficient_scope", scope="${needed}"`);
  });
  return Object.assign(state, listener, { invoices });
}

function respond(invoices: WireInvoice[], { method, url, body }: ReceivedRequest, response: ServerResponse) {
  const id = url.pathname.split('/')[2];
  if (method === 'POST') {
    const { customer, total_cents } = JSON.parse(body);
    invoices.unshift(buildInvoice(customer, total_cents));
    sendJson(response, 201, invoices[0]);
  } else if (id === undefined)
    sendJson(response, 200, { items: invoices, page: 1, per_page: 20, total: invoices.length });
  else {
    const found = invoices.find((invoice) => invoice.id === id);
    sendJson(response, found === undefined ? 404 : 200, found ?? {});
  }
}

/** What the authorization server says in its token response; when it says nothing, what was asked for. */
function scopesOf({ fault, request }: Grant): string[] {
  return String(fault.token?.members?.scope ?? request.get('scope')).split(' ');
}

function challenge(response: ServerResponse, status: number, parameters: string): void {
  response.writeHead(status, { 'www-authenticate': `Bearer ${parameters}` }).end();
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function buildInvoice(customer: string, total_cents: number): WireInvoice {
  const id = `i_${customer.replace(/\W/g, '').toLowerCase()}`;
  return { id, customer, total_cents, paid: false, issued_at: '2026-03-12T12:00:00Z' };
}
