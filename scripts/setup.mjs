/**
 * Brings what is missing before anything else runs: the packages (and with them a modern Node), for the tests a browser, Redis, nginx,
 * Caddy and promtool, for the benches Redis.
 * Node built-ins only: it runs with the machine's own Node, before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const stampFile = 'node_modules/.installed-lock';
const wholeBrowsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const isTest = process.argv.includes('--test');
const isBench = process.argv.includes('--bench');

installPackages();
if (isTest) ensureBrowser();
if (isTest) ensureWholeBrowser();
if (isTest || isBench) ensureProgram('redis-server');
if (isTest) ensureProgram('nginx');
if (isTest) ensureProgram('promtool', 'prometheus');
// Without it, one file of deploy/ is not checked.
if (isTest && !findProgram(['caddy'])) installDebianPackage('caddy');

function installPackages() {
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lock) return;
  console.log('Installing packages …');
  const npm = process.env.npm_execpath;
  const command = npm ? [process.execPath, npm] : ['npm'];
  run([...command, 'ci', '--no-audit', '--no-fund', '--loglevel=error']) ||
    fail('Installing the packages failed; the lines above say why.');
  // A file of its own, where the packages are hard links to those of another folder.
  rmSync(stampFile, { force: true });
  writeFileSync(stampFile, lock);
}

/** The headless shell starts and draws in half the time; any other Chromium will do. */
function ensureBrowser() {
  if (findProgram(['chromium-headless-shell']) || installDebianPackage('chromium-headless-shell')) return;
  if (findProgram(wholeBrowsers) || findPlaywrightBrowser()) return;
  console.log('Looking for a browser for the tests …');
  const isThere = run(['npx', 'playwright', 'install', 'chromium'], 'ignore') && findPlaywrightBrowser();
  if (isThere || installDebianPackage('chromium')) return;
  fail(
    'The browser tests need Chromium. Install it (Debian: apt-get install chromium) and run the tests again.',
  );
}

/** The headless shell binds no session to its device. */
function ensureWholeBrowser() {
  if (!findProgram(wholeBrowsers) && !findPlaywrightBrowser()) ensureProgram('chromium');
}

function ensureProgram(name, debianPackage = name) {
  if (findProgram([name]) || installDebianPackage(debianPackage)) return;
  const message = `${name} is not installed (Debian: apt-get install ${debianPackage})`;
  if (process.env.CI === 'true') fail(`${message}; with CI=true that is a failure.`);
  console.log(`${message}; tests that need it are skipped.`);
}

function findProgram(names) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return names.some((name) => folders.some((folder) => existsSync(join(folder, name))));
}

function findPlaywrightBrowser() {
  const script =
    "process.exit(require('node:fs').existsSync(require('playwright').chromium.executablePath()) ? 0 : 1)";
  return run([process.execPath, '-e', script], 'ignore');
}

/** Only where it may: as root, on a machine with apt-get. */
function installDebianPackage(name) {
  if (process.getuid?.() !== 0 || !findProgram(['apt-get'])) return false;
  console.log(`Installing ${name} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () =>
    run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', name], 'ignore', env);
  return install() || (run(['apt-get', 'update', '-qq'], 'ignore', env) && install());
}

function run([program, ...args], stdio = 'inherit', env = process.env) {
  // Bounded: a network that never responds is a failure like any other.
  return spawnSync(program, args, { stdio, env, timeout: 10 * 60_000 }).status === 0;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
