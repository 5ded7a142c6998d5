/**
 * Compiles the core for its package, before `npm pack -w lib/strongroom`, and cleans up after it: one
 * JavaScript file and one declaration of types for each source, with their directives
 * (docs/decisions/0021-package-of-the-core.md). The kit for tests is one file: no test runner reads a
 * server's modules.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type InputOptions, type OutputOptions } from 'rolldown';

const root = join(import.meta.dirname, '..');
const core = join(root, 'lib/strongroom');
const dist = join(core, 'dist');
const { exports: entries } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8'));
const names = Object.values(entries as Record<string, { default: string }>).map((entry) =>
  entry.default.replace(/^\.\/dist\/|\.js$/g, ''),
);
const modules = names.filter((name) => name !== 'testing');

type Plugin = Extract<InputOptions['plugins'], unknown[]>[number];

/** Packages stay packages: the application has one copy of each. */
async function compile(
  files: readonly string[],
  output: OutputOptions,
  plugins: Plugin[] = [],
): Promise<void> {
  await build({
    input: Object.fromEntries(files.map((name) => [name, join(core, `${name}.ts`)])),
    external: (id) => !/^[./\0]/.test(id) && !(id === 'server-only' && plugins.includes(withoutServerOnly)),
    platform: 'node',
    output: { dir: dist, format: 'esm', ...output },
    plugins,
    // Files stay files, and their directives with them.
    onLog: (level, log, handle) => {
      if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
    },
  });
}

/** Only bundlers know what it is for. */
const withoutServerOnly: Plugin = {
  name: 'without-server-only',
  resolveId: (id: string) => (id === 'server-only' ? '\0empty' : null),
  load: (id: string) => (id === '\0empty' ? '' : null),
};

function declareTypes(): void {
  const config = join(dist, 'tsconfig.json');
  const compilerOptions = {
    ...{ noEmit: false, incremental: false, declaration: true, emitDeclarationOnly: true },
    ...{ rootDir: core, outDir: dist, allowJs: false },
  };
  const files = names.map((name) => join(core, `${name}.ts`));
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }),
  );
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], {
    stdio: 'inherit',
  });
  rmSync(config);
}

/** The documents that messages name, and so do those who read them. */
function listNamedDocs(): string[] {
  const named = globSync('**/*.js', { cwd: dist }).flatMap((file) => {
    const text = readFileSync(join(dist, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    return [...text.matchAll(/\bdocs\/[a-z-]+\.md\b/g)].map(([name]) => name);
  });
  return [...new Set(named)];
}

function clean(): void {
  rmSync(dist, { recursive: true, force: true });
  rmSync(join(core, 'LICENSE'), { force: true });
}

async function compileAll(): Promise<void> {
  const output = { preserveModules: true, preserveModulesRoot: core, entryFileNames: '[name].js' };
  await compile(modules, output);
  await compile(['testing'], { codeSplitting: false }, [withoutServerOnly]);
  declareTypes();
  copyFileSync(join(root, 'LICENSE'), join(core, 'LICENSE'));
  mkdirSync(join(dist, 'docs'));
  for (const name of listNamedDocs()) copyFileSync(join(root, name), join(dist, name));
}

clean();
if (!process.argv.includes('--clean'))
  await compileAll().catch((error: unknown) => {
    clean();
    throw error;
  });
