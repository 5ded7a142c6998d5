import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nowSec } from '../base/clock';
import { writeSession } from '../session/session-cookie';
import { createTestJar } from '../testing/cookie-jar';
import { useEnvironment } from '../testing/environment';
import { renderAnew } from '../testing/page-render';
import { holdCookies } from '../testing/request-cookies';
import { buildSession, buildTokens } from '../testing/sessions';
import { requireSession } from './page-session';
import { requireRole } from './require-role';

vi.mock('../session/next-cookies', () => import('../testing/request-cookies'));
vi.mock('react', () => import('../testing/page-render'));

async function signIn(roles: string[]): Promise<void> {
  const jar = holdCookies(createTestJar());
  const endsAtSec = nowSec() + 3_600;
  const tokens = buildTokens({ obtainedAtSec: nowSec(), expiresAtSec: endsAtSec });
  const times = { startedAtMs: nowSec() * 1000, lastSeenAtSec: nowSec(), endsAtSec };
  await writeSession(jar, buildSession({ ...times, tokens, roles }));
}

beforeEach(() => {
  useEnvironment({}, { roles: { claim: 'realm_access.roles', names: ['admin', 'editor'] } });
  renderAnew();
});

describe('a page that asks for a role', () => {
  it('FW-01: is shown to a user who has it', async () => {
    await signIn(['editor']);
    await requireSession('/dashboard/admin');
    expect((await requireRole('editor')).roles).toEqual(['editor']);
  });

  it.each([[[]], [['editor']]])(
    'FW-01: is left for the one that says so by a user with %j',
    async (roles) => {
      await signIn(roles);
      await requireSession('/dashboard/admin');
      await expect(requireRole('admin')).rejects.toMatchObject({
        digest: expect.stringMatching(
          /;\/sign-in\/problem\?code=role_required&ref=[0-9A-Z-]{9}&return_to=%2Fdashboard%2Fadmin;/,
        ),
      });
    },
  );

  it('FW-01: fails when it asks before requireSession', async () => {
    await signIn(['admin']);
    await expect(requireRole('admin')).rejects.toThrow('requireSession');
  });

  it('OP-01: fails when the role is not declared', async () => {
    await signIn(['admin']);
    await requireSession('/dashboard/admin');
    await expect(requireRole('owner')).rejects.toThrow(/configuration_invalid: role_not_declared/);
  });
});
