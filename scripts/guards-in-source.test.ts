import { describe, expect, it } from 'vitest';
import {
  findUnguardedActions,
  findUnguardedPages,
  findUnguardedRoutes,
  findWholeProps,
  listTags,
} from '../lib/strongroom/testing/guard-rules';
import { isTestSupport, readSources, type Source } from '../lib/strongroom/testing/source-files';

const application = readSources(['app']).filter((source) => !isTestSupport(source));
const file = (path: string, text: string): Source => ({ path, text });

const ways: Record<string, RegExp | 'for everybody'> = {
  // Where callers and sessions are judged in the order of its table: lib/api/gateway.
  'app/api/gateway/[[...path]]/route.ts': /answerGatewayRequest\(/,
  'app/auth/back-channel-logout/route.ts': /revokeByLogoutToken\(/,
  'app/auth/callback/provider/route.ts': /classifyNavigation\(/,
  'app/auth/refresh/route.ts': /loadSession\(/,
  'app/auth/sign-in/route.ts': /classifyNavigation\(/,
  'app/auth/sign-out/route.ts': /isSameOriginRequest\(/,
  'app/auth/status/route.ts': /isSameOriginRequest\(/,
  'app/dashboard/contacts/export/route.ts': /classifyNavigation\([\s\S]*loadSession\([\s\S]*callAsUser\(/,
  'app/healthz/route.ts': 'for everybody',
  'app/readyz/route.ts': 'for everybody',
};

describe('who asks who is there', () => {
  it('FW-01: every page below the dashboard does, before anything else, and no layout does it for them', () => {
    expect(
      application.filter(({ path }) => /^app\/dashboard\/.*page\.tsx$/.test(path)).length,
    ).toBeGreaterThan(6);
    expect(findUnguardedPages(application)).toEqual([]);
  });

  it.each([
    ['app/dashboard/a/page.tsx', 'export default async function A() { return <p />; }'],
    [
      'app/dashboard/a/page.tsx',
      'export default async function A() { await searchContacts(x); await requireSession(here); }',
    ],
    ['app/dashboard/a/page.tsx', '// await requireSession(here);\nexport default async function A() {}'],
    ['app/dashboard/layout.tsx', 'export default async function A() { await requireSession(here); }'],
  ])('FW-01: a page that does not is noticed: %s with %j', (path, text) => {
    expect(findUnguardedPages([file(path, text)])).toHaveLength(1);
  });

  it('FW-01, CS-09: every exported action does, and asks where the form comes from first', () => {
    expect(application.filter(({ text }) => text.startsWith("'use server'")).length).toBeGreaterThan(2);
    expect(findUnguardedActions(application)).toEqual([]);
  });

  it.each([
    'export async function a() { await callAsUser(jar, session, call); }',
    'export async function a() { await loadSession(jar); await callAsUser(jar, session, call); }',
    'export async function a() { await loadSession(jar); if (await isSameOriginForm()) await callAsUser(); }',
    'export async function a() { await isSameOriginForm(); await callAsUser(); await loadSession(jar); }',
    'export const a = async () => {};',
  ])('CS-09: an action that does not is noticed: %s', (text) => {
    expect(findUnguardedActions([file('app/actions.ts', `'use server';\n${text}`)])).toHaveLength(1);
  });

  it('FW-01: every route handler has its way', () => {
    expect(findUnguardedRoutes(application, ways)).toEqual([]);
  });

  it('FW-01: a new route without a way is noticed, and one that lost it', () => {
    const route = file('app/a/route.ts', 'export function GET() {}');
    expect(findUnguardedRoutes([route], {})).toHaveLength(1);
    expect(findUnguardedRoutes([route], { 'app/a/route.ts': /isSameOriginRequest\(/ })).toHaveLength(1);
  });
});

describe('what goes to the browser', () => {
  it('LK-09: client components get single values, never a session, tokens or the configuration', () => {
    expect(findWholeProps(application)).toEqual([]);
  });

  const client = file('app/client.tsx', "'use client';\nexport function Widget(props: object) {}");
  it.each([
    '<Widget session={session} />',
    '<Widget who={session.user} />',
    '<Widget a="b" tokens={session.tokens} />',
    '<Widget {...session} />',
    '<Widget token={session.tokens.accessToken} />',
    '<Widget onClick={() => use(session.tokens.accessToken)} />',
    '<Widget config={getConfig()} data={config} />',
  ])('LK-09: %s is noticed', (tag) => {
    expect(findWholeProps([client, file('app/page.tsx', `const a = ${tag};`)])).toHaveLength(1);
  });

  it('LK-09: a client file that knows the type of a session is noticed', () => {
    const text = "'use client';\nimport type { Session } from '@/lib/session/session';";
    expect(findWholeProps([file('app/a.tsx', text)])).toHaveLength(1);
  });

  it('LK-09: single values are fine', () => {
    const tag =
      '<Widget name={nameOf(session.user)} end={sessionEndSec(session) - nowSec()} source={user.picture} />';
    expect(findWholeProps([client, file('app/page.tsx', tag)])).toEqual([]);
    expect(listTags('<A b={() => c > d} e="f"><G /></A>')).toEqual([
      { name: 'A', attributes: ' b={() => c > d} e="f"' },
      { name: 'G', attributes: ' /' },
    ]);
  });
});
