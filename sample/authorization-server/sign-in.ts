/**
 * Shows the sign-in page and judges what comes back.
 */
import type { Account } from './accounts.ts';
import { normalizeEmail } from './accounts.ts';
import { passwordAcr, passwordAmr } from './authentication.ts';
import { clientName } from './client.ts';
import { readForm } from './form.ts';
import { renderSignInPage } from './pages/sign-in.ts';
import type { Parts } from './parts.ts';
import { leaveOtherAccount } from './sign-out.ts';
import type { Turn } from './turn.ts';
import { finishTurn } from './turn.ts';

type Shown = { email: string; problem: string | null };

export async function showSignIn(turn: Turn, parts: Parts): Promise<void> {
  const { session, params } = turn.interaction;
  const known = session && parts.accounts.findById(session.accountId);
  const hint = typeof params.login_hint === 'string' ? params.login_hint.slice(0, 254) : '';
  await showPage(turn, parts, { email: known?.email ?? hint, problem: null });
}

export async function submitSignIn(turn: Turn, parts: Parts): Promise<void> {
  const { ctx, interaction } = turn;
  const { accounts, signInLimit, log } = parts;
  const form = await readForm(ctx);
  const typed = form.get('email')?.slice(0, 254) ?? '';
  const email = normalizeEmail(typed);
  const verdict = signInLimit.take(email, ctx.ip);
  if (verdict.kind === 'blocked') {
    log('sign_in_blocked', {
      client: String(interaction.params.client_id),
      retryAfterSec: verdict.retryAfterSec,
    });
    ctx.status = 429;
    ctx.set('Retry-After', String(verdict.retryAfterSec));
    return showPage(turn, parts, { email: typed, problem: describeBlock(verdict.retryAfterSec) });
  }
  const account = await accounts.findByPassword(email, form.get('password')?.slice(0, 256) ?? '');
  if (!account) {
    log('sign_in_failed', { client: String(interaction.params.client_id) });
    ctx.status = 401;
    return showPage(turn, parts, { email: typed, problem: mismatch });
  }
  signInLimit.succeed(email, ctx.ip);
  await finishSignIn(turn, parts, account);
}

const mismatch = 'That e-mail and password do not match. Nothing was signed in; check both and try again.';

function describeBlock(retryAfterSec: number): string {
  const minutes = Math.ceil(retryAfterSec / 60);
  const wait = minutes === 1 ? 'a minute' : `${minutes} minutes`;
  return `Too many tries did not match. Nothing was signed in; wait ${wait}, then try again.`;
}

async function finishSignIn(turn: Turn, { log }: Parts, account: Account): Promise<void> {
  const { interaction, provider } = turn;
  log('signed_in', { account: account.id, client: String(interaction.params.client_id) });
  if (interaction.session && interaction.session.accountId !== account.id)
    await leaveOtherAccount(provider, interaction, log);
  await finishTurn(turn, { login: { accountId: account.id, acr: passwordAcr, amr: passwordAmr } });
}

async function showPage({ ctx, interaction }: Turn, { accounts, secrets }: Parts, shown: Shown) {
  if (!shown.problem) ctx.status = 200;
  ctx.type = 'html';
  ctx.body = await renderSignInPage({
    ...shown,
    uid: interaction.uid,
    clientName,
    demoAccounts: accounts.demo.map((account) => ({
      ...account,
      password: secrets.passwords[account.email] ?? '',
    })),
  });
}
