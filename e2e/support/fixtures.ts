/** What every browser test starts with: servers of its own, and a user in front of a browser. */
import '../../lib/strongroom/testing/fresh-connections.ts';
import { test as base, expect } from '@playwright/test';
import { startTestStack, type TestStack } from './test-stack.ts';
import { User } from './user.ts';

type WorkerFixtures = {
  /** Environment of the servers. */
  stackEnv: Record<string, string>;
  /** Files that give another name get servers of their own, on which no user has signed in yet. */
  stackName: string;
  stack: TestStack;
};

type TestFixtures = {
  user: User;
};

export const test = base.extend<TestFixtures, WorkerFixtures>({
  stackEnv: [{}, { option: true, scope: 'worker' }],
  stackName: ['shared', { option: true, scope: 'worker' }],
  stack: [
    async ({ stackEnv, stackName: _ }, use) => {
      const stack = await startTestStack(stackEnv);
      await use(stack);
      await stack.close();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  user: async ({ page, stack }, use) => {
    await use(new User(page, stack));
  },
});

export { expect };
