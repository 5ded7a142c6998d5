/** OP-05: what the process may do, of these tests, of the image and of `npm start`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOf } from '../../scripts/stack-settings.ts';
import { borrowStack } from '../support/borrowed-stack.ts';
import type { TestStack } from '../support/test-stack.ts';

const root = join(import.meta.dirname, '../..');
const standalone = join(root, '.next/standalone');

let stack: TestStack;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack.close());

describe('the process', () => {
  const flags = ['--permission', '--allow-fs-read='];
  const rejected = /--allow-(fs-write|child-process|worker|addons|wasi)/;

  it('FW-04, OP-05: of these tests may read its own folder, write nowhere and start nothing', () => {
    const command = startOf(standalone).join(' ');
    for (const flag of flags) expect(command).toContain(flag);
    expect(command).not.toMatch(rejected);
    // It has started and responses: that is all it needs.
    expect(stack.appEvents('started')).toHaveLength(1);
  });

  it('OP-05: of the image and of `npm start` may do no more', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
    const command = /^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]';
    for (const started of [scripts.start ?? '', (JSON.parse(command) as string[]).join(' ')]) {
      for (const flag of flags) expect(started).toContain(flag);
      expect(started).not.toMatch(rejected);
    }
  });

  it('LK-07: of the image sends no telemetry, while it is built and when it runs', () => {
    const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
    expect(dockerfile.match(/NEXT_TELEMETRY_DISABLED=1/g)).toHaveLength(2);
  });

  it('OP-05: of the image has no privileges, owns none of its files, and needs no shell and no secret to be built', () => {
    const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
    const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(final).toMatch(/^USER node$/m);
    expect(final).toMatch(/^COPY --from=build (?!--chown)/m);
    expect(final).not.toMatch(/^RUN |--chown|chmod|^CMD [^[]|CMD \["(sh|npm)/m);
    expect(dockerfile).not.toMatch(/^(ARG|ENV) .*(SECRET|TOKEN|PASSWORD|KEY)/im);
  });
});
