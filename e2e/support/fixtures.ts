/** What every browser test starts with: servers of its own, and a person who can do things. */
import '../../lib/strongroom/testing/fresh-connections.ts';
import { test as base, expect } from '@playwright/test';
import { Person } from './person.ts';
import { startTestStack, type TestStack } from './test-stack.ts';

type WorkerFixtures = {
  /** Environment of the servers. */
  stackEnv: Record<string, string>;
  /** Files that give another name get servers of their own, on which nobody has been yet. */
  stackName: string;
  stack: TestStack;
};

type TestFixtures = {
  person: Person;
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
  person: async ({ page, stack }, use) => {
    await use(new Person(page, stack));
  },
});

export { expect };
