/**
 * Loaded before a command that has no set-up of its own: without the packages, or with a Node.js that does not read
 * TypeScript, it says what to do in place of a stack.
 */
import { existsSync } from 'node:fs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isOld = major < 22 || (major === 22 && minor < 18);
const hasPackages = existsSync(new URL('../node_modules/zod', import.meta.url));

if (isOld || !hasPackages) {
  console.error(
    hasPackages
      ? `This needs Node.js 22.18 or newer, and runs with ${process.version}: start it by npm run, which finds the one that npm ci brought.`
      : 'Run npm ci first: it brings the packages, and a Node.js that is new enough.',
  );
  process.exit(1);
}
