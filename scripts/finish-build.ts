/**
 * Completes `next build`: the standalone server expects the static files beside it, and the doctor has to run
 * where the application runs, which may be an image without sources and packages. Rolldown, which Vitest brings
 * along, puts it into one file.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'rolldown';
import { replaceProxy } from './page-routes.ts';
import { mergeEarlierBuilds } from './static-archive.ts';

const target = '.next/standalone';
cpSync('.next/static', `${target}/.next/static`, { recursive: true });
const folder = process.env.STATIC_ARCHIVE?.trim() ?? '';
if (folder !== '') {
  const buildId = readFileSync('.next/BUILD_ID', 'utf8');
  const count = mergeEarlierBuilds(`${target}/.next/static`, { folder, buildId, nowMs: Date.now() });
  console.log(`Static files of ${count} earlier builds are in the output.`);
}
if (existsSync('public')) cpSync('public', `${target}/public`, { recursive: true });

// `next build` copies the builder's .env files: configuration belongs to the host, and secrets into no
// artefact.
for (const name of readdirSync(target)) if (name.startsWith('.env')) rmSync(`${target}/${name}`);

// Before any code of ours runs, Next prints where it listens: the log holds JSON alone (lib/strongroom/server/printed-lines.ts).
const server = `${target}/server.js`;
writeFileSync(server, `import './early-lines.mjs';\n${readFileSync(server, 'utf8')}`);
replaceIn(
  server,
  /require\('next\/dist\/server\/lib\/start-server'\)/,
  "await import('./standalone-server.mjs')",
);

const find = (path: string) => [path, `src/${path}`].find((one) => existsSync(one));
const [mount, healthMount] = [find('proxy.ts'), find('app/healthz/route.ts')];
if (mount === undefined) throw new Error('There is no proxy.ts, whose matcher says which pages are guarded.');
const sources = {
  proxy: readFileSync(mount, 'utf8'),
  health: healthMount === undefined ? '' : readFileSync(healthMount, 'utf8'),
};
if (replaceProxy(target, sources) === 'kept')
  console.log('proxy.ts has code of its own, which stays before each page: this costs a fifth of its time.');

// The key that a build has is known to everyone who has the sources (next.config.js). Without any, Next fails
// rather than encrypt with it, should lib/strongroom/config/action-key.ts ever not run.
for (const name of ['server-reference-manifest.json', 'server-reference-manifest.js'])
  replaceIn(`${target}/.next/server/${name}`, /,\s*(?:\\n\s*)?(\\?")encryptionKey\1:\s*\1[\w+/=]+\1/, '');

// What the builder is like is of no use to the host, and would make two builds of the same sources differ.
for (const path of [server, `${target}/.next/required-server-files.json`]) {
  replaceAllIn(path, JSON.stringify(process.cwd()), '"."');
  replaceIn(path, /("cpus": ?)\d+/, (_, name) => `${name}1`);
  replaceIn(path, /("turbopackFileSystemCacheForBuild": ?)\w+/, '$1false');
}

/** @throws when it is not there */
function replaceAllIn(path: string, from: string, to: string): void {
  const before = readFileSync(path, 'utf8');
  if (!before.includes(from)) throw new Error(`${path} does not hold ${from}: see scripts/finish-build.ts.`);
  writeFileSync(path, before.replaceAll(from, to));
}

/** @throws when this version of Next writes something else */
function replaceIn(
  path: string,
  pattern: RegExp,
  text: string | ((all: string, first: string) => string),
): void {
  const before = readFileSync(path, 'utf8');
  if (!pattern.test(before))
    throw new Error(`${path} does not hold ${pattern}: see scripts/finish-build.ts.`);
  writeFileSync(
    path,
    typeof text === 'string' ? before.replace(pattern, text) : before.replace(pattern, text),
  );
}

/** Only for running from sources: what a bundle has no use for. */
const emptyModules = /^server-only$|typescript-sources\.ts$/;
async function bundle(input: string, file: string, external: RegExp | [] = []): Promise<void> {
  await build({
    input,
    external,
    platform: 'node',
    // As `next build` writes it into the application.
    transform: { define: { 'process.env.BASE_PATH': JSON.stringify(process.env.BASE_PATH?.trim() ?? '') } },
    output: { file: `${target}/${file}`, codeSplitting: false, minify: true },
    plugins: [
      {
        name: 'empty-modules',
        resolveId: (id) => (emptyModules.test(id) ? '\0empty' : null),
        load: (id) => (id === '\0empty' ? '' : null),
      },
    ],
  });
}
await bundle('scripts/doctor.ts', 'doctor.mjs');
await bundle('scripts/early-lines.ts', 'early-lines.mjs');
// Next comes with the standalone output.
await bundle('scripts/standalone-server.ts', 'standalone-server.mjs', /^next\//);
