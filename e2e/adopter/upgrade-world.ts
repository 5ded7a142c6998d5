/**
 * Releases of Strongroom, made of its real files and simulated changes, and the copies of adopters, each a Git
 * repository in a folder for temporary files.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Git, openGit } from '../../scripts/upgrade/git.ts';
import { type UpgradeOptions, upgradeCopy } from '../../scripts/upgrade/upgrade-copy.ts';

const root = join(import.meta.dirname, '../..');

/** What an adopter may have edited, and enough of the core. */
const files = [
  'app/**/*.{ts,tsx,css}',
  'lib/*.ts',
  'lib/api/*',
  'lib/strongroom/{package.json,*.ts}',
  'lib/strongroom/base/{clock,guards,log,errors}.ts',
  'lib/strongroom/server/{shutdown,rejection,http-server}.ts',
  'e2e/{contacts,messages}.spec.ts',
  'e2e/adopter/removed.txt',
  'deploy/Dockerfile',
  'docs/deployment.md',
  '{package.json,package-lock.json,next.config.js,README.md,.env.example,.gitignore}',
];

export class Copy {
  readonly git: Git;
  readonly folder: string;
  constructor(folder: string) {
    this.folder = folder;
    this.git = openGit(folder);
  }
  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }
  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }
  /** @throws when there is nothing to change */
  change(path: string, from: string | RegExp, to: string): void {
    const before = this.read(path);
    const after = before.replace(from, () => to);
    if (after === before) throw new Error(`${path} does not hold ${from}.`);
    this.write(path, after);
  }
  append(path: string, text: string): void {
    this.write(path, this.read(path) + text);
  }
  remove(...paths: string[]): void {
    for (const path of paths) rmSync(join(this.folder, path), { recursive: true });
  }
  move(from: string, to: string): void {
    this.write(to, this.read(from));
    this.remove(from);
  }
  commit(message: string): string {
    this.git.run('add', '-A');
    this.git.run('commit', '-q', '-m', message);
    return this.git.run('rev-parse', 'HEAD').trim();
  }
  upgrade(options: UpgradeOptions) {
    return upgradeCopy(this.folder, options);
  }
  /** Whether the core of HEAD is that of a release, to the byte, and so are the files themselves. */
  hasCoreOf(version: string): boolean {
    const release = `refs/strongroom/v${version}`;
    const isSame = (...args: string[]) =>
      this.git.ask('diff', '--quiet', ...args, '--', 'lib/strongroom') !== null;
    return isSame(release, 'HEAD') && isSame(release) && this.git.run('status', '--porcelain') === '';
  }
}

export class UpgradeWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'strongroom-upgrades-'));
  readonly releases = this.open('releases');
  #copies = 0;

  /** Of Git, in place of those of this machine. */
  get settings(): string {
    const file = join(this.folder, 'gitconfig');
    const user = '[user]\n\tname = Adopter\n\temail = adopter@strongroom.test\n';
    const quick = '[core]\n\tfsync = none\n[maintenance]\n\tauto = false\n[advice]\n\tdetachedHead = false\n';
    writeFileSync(file, user + quick);
    return file;
  }

  /** A folder with a repository. */
  private open(name: string): Copy {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    const copy = new Copy(folder);
    copy.git.run('init', '-q', '-b', 'main', '--template=');
    return copy;
  }

  /** The first release: the files as they are here. */
  start(): void {
    for (const path of globSync(files, { cwd: root })) {
      mkdirSync(dirname(join(this.releases.folder, path)), { recursive: true });
      cpSync(join(root, path), join(this.releases.folder, path));
    }
    this.releases.write('lib/moved.ts', 'export const one = 1;\n'.repeat(20));
    this.release('0.1.0');
  }

  release(version: string): void {
    const { releases } = this;
    for (const path of ['package.json', 'lib/strongroom/package.json'])
      releases.write(path, releases.read(path).replace(/"version": "[^"]+"/, `"version": "${version}"`));
    releases.commit(`Release ${version}`);
    // With a message of its own, as releases are made, and without.
    if (version === '0.1.0') releases.git.run('tag', `v${version}`);
    else releases.git.run('tag', '-a', `v${version}`, '-m', version);
  }

  /** With the history of the releases until the first one, as after `git clone`. */
  clone(): Copy {
    const folder = join(this.folder, `copy-${++this.#copies}`);
    const args = ['-q', '-o', 'strongroom', '--template=', '--branch', 'v0.1.0'];
    this.releases.git.run('clone', ...args, this.releases.folder, folder);
    const copy = new Copy(folder);
    copy.git.run('switch', '-q', '-c', 'main');
    return copy;
  }

  /** The files alone, as from a template or an archive. */
  unpack(): Copy {
    const copy = this.open(`copy-${++this.#copies}`);
    const archive = join(this.folder, 'release.tar');
    this.releases.git.run('archive', '-o', archive, 'v0.1.0');
    execFileSync('tar', ['-xf', archive, '-C', copy.folder]);
    copy.commit('First commit');
    copy.git.run('remote', 'add', 'strongroom', this.releases.folder);
    return copy;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
