import { beforeEach, expect, it } from 'vitest';
import { type LoggedEvent, onEvent } from '../base/events';
import { testDeclaration } from '../testing/declaration';
import { useEnvironment as setEnvironment } from '../testing/environment';
import { warnOfUnprotected } from './page-session';

const [protectedPath = ''] = testDeclaration.protectedPaths;
beforeEach(() => setEnvironment());

it('a page that requires a session outside of the protected paths is named once, by its path alone', () => {
  const told: LoggedEvent[] = [];
  onEvent((logged) => told.push(logged));
  for (const here of [protectedPath, `${protectedPath}/more?q=a`, '/elsewhere?q=private', '/elsewhere'])
    warnOfUnprotected(here);
  expect(told).toMatchObject([
    { event: 'page_not_protected', level: 'warn', fields: { path: '/elsewhere' } },
  ]);
});
