/** What every browser test starts with: servers of its own, and a user in front of a browser. */
import '../../lib/strongroom/testing/fresh-connections.ts';
import { test as base, expect } from '@playwright/test';
import { listExtraEmails } from '../../sample/secrets.ts';
import { watchRouters } from './history.ts';
import { startTestStack, type TestStack } from './test-stack.ts';
import { User } from './user.ts';

type WorkerFixtures = {
  /** Environment of the servers. */
  stackEnv: Record<string, string>;
  /** Files that give another name get servers of their own: a process and five seconds more. */
  stackName: string;
  stack: TestStack;
};

type TestFixtures = {
  user: User;
  /** Somebody who has consented to nothing yet. */
  newcomer: User;
};

const newcomers = listExtraEmails(200).values();

export const test = base.extend<TestFixtures, WorkerFixtures>({
  stackEnv: [{}, { option: true, scope: 'worker' }],
  stackName: ['shared', { option: true, scope: 'worker' }],
  stack: [
    async ({ stackEnv, stackName: _ }, use) => {
      const stack = await startTestStack({ SAMPLE_EXTRA_ACCOUNTS: '200', ...stackEnv });
      await use(stack);
      await stack.close();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  user: async ({ page, context, stack }, use) => {
    await watchRouters(context);
    await use(new User(page, stack));
  },
  newcomer: async ({ user }, use) => {
    const { value } = newcomers.next();
    if (value === undefined) throw new Error('Everybody has been here.');
    await use(user.as(value));
  },
});

export { expect };
