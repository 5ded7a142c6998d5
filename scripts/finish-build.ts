/**
 * Completes `next build`: the standalone server expects the static files beside it, and the doctor has to run
 * where the application runs, which may be an image without sources and packages. Rolldown, which Vitest brings
 * along, puts it into one file.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'rolldown';

const target = '.next/standalone';
cpSync('.next/static', `${target}/.next/static`, { recursive: true });
if (existsSync('public')) cpSync('public', `${target}/public`, { recursive: true });

// `next build` copies the builder's .env files: configuration belongs to the host, and secrets into no
// artefact.
for (const name of readdirSync(target)) if (name.startsWith('.env')) rmSync(`${target}/${name}`);

// Before any code of ours runs, Next prints where it listens: the log holds JSON alone (lib/strongroom/server/printed-lines.ts).
const server = `${target}/server.js`;
writeFileSync(server, `console.log = () => {};\n${readFileSync(server, 'utf8')}`);

/** Only for running from sources: what a bundle has no use for. */
const emptyModules = /^server-only$|typescript-sources\.ts$/;
await build({
  input: 'scripts/doctor.ts',
  platform: 'node',
  // As `next build` writes it into the application.
  transform: { define: { 'process.env.BASE_PATH': JSON.stringify(process.env.BASE_PATH?.trim() ?? '') } },
  output: { file: `${target}/doctor.mjs`, codeSplitting: false, minify: true },
  plugins: [
    {
      name: 'empty-modules',
      resolveId: (id) => (emptyModules.test(id) ? '\0empty' : null),
      load: (id) => (id === '\0empty' ? '' : null),
    },
  ],
});
