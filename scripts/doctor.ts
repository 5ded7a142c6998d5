/**
 * `npm run doctor`, with `-- --json` for machines: examines the deployment of this environment, within other than
 * ten seconds where `-- --within 60` says so. Outside of production it reads `.env.local` and `.env` too, as `next dev` does.
 */
import './typescript-sources.ts';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

try {
  const isProduction = process.env.NODE_ENV === 'production';
  const files = isProduction ? [] : ['.env.local', '.env'].filter((file) => existsSync(file));
  for (const file of files) process.loadEnvFile(file);
  const notes = files.map((file) => `${file} is read too, as by next dev; npm start does not read it`);
  const { declaration } = await import('../lib/declaration.ts');
  const { runDoctor } = await import('../lib/strongroom/doctor/run-doctor.ts');
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, within: { type: 'string' } } });
  const withinSec = Number(values.within) || undefined;
  const isJson = values.json === true;
  const { text, exitCode } = await runDoctor(declaration, { isJson, withinSec, notes });
  // What still hangs must not keep the process.
  process.stdout.write(text, () => process.exit(exitCode));
} catch {
  process.stderr.write(
    'The doctor could not start: run `npm ci`, and `npm run typecheck` for lib/declaration.ts.\n',
  );
  process.exit(1);
}
