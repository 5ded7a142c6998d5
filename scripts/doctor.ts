/**
 * `npm run doctor`, with `-- --json` for machines: examines the deployment of this environment. Outside of
 * production it reads `.env.local` and `.env` too, as `next dev` does.
 */
import './typescript-sources.ts';
import { existsSync } from 'node:fs';

try {
  const isProduction = process.env.NODE_ENV === 'production';
  const files = isProduction ? [] : ['.env.local', '.env'].filter((file) => existsSync(file));
  for (const file of files) process.loadEnvFile(file);
  const notes = files.map((file) => `${file} is read too, as by next dev; npm start does not read it`);
  const { declaration } = await import('../lib/declaration.ts');
  const { runDoctor } = await import('../lib/strongroom/doctor/run-doctor.ts');
  const isJson = process.argv.includes('--json');
  const { text, exitCode } = await runDoctor(declaration, { isJson, notes });
  // What still hangs must not keep the process.
  process.stdout.write(text, () => process.exit(exitCode));
} catch {
  process.stderr.write(
    'The doctor could not start: run `npm ci`, and `npm run typecheck` for lib/declaration.ts.\n',
  );
  process.exit(1);
}
