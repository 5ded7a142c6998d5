/**
 * Test files that share a process share its environment too, and what one of them sets would decide about the next:
 * each file begins with what the process began with. Test support only.
 */
// Not one of the process singletons, which tests forget.
const key = Symbol.for('test.environment');
type Kept = { [key]?: NodeJS.ProcessEnv };

const kept = globalThis as Kept;
kept[key] ??= { ...process.env };
const before = kept[key];

for (const name of Object.keys(process.env).filter((one) => !(one in before))) delete process.env[name];
Object.assign(process.env, before);
