/** What `npm run build` leaves: nothing secret, nothing private, nothing that is served by mistake, and a process that needs next to nothing. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCanaries } from '../../scripts/build-canaries.ts';
import { digestSources } from '../../scripts/source-digest.ts';
import { borrowStack } from '../support/borrowed-stack.ts';
import { sendRaw } from '../support/raw-request.ts';
import type { TestStack } from '../support/test-stack.ts';

const root = join(import.meta.dirname, '../..');
const standalone = join(root, '.next/standalone');

let stack: TestStack;
beforeAll(async () => {
  stack = await borrowStack();
});
afterAll(() => stack.close());

/** Every file below `folder`, but for packages of others. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/(^|\/)node_modules\//.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function findIn(files: readonly string[], words: readonly string[]): string[] {
  return files.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    return words.filter((word) => text.includes(word)).map((word) => `${path.slice(root.length)}: ${word}`);
  });
}

describe('the build', () => {
  const scripts = listFiles(join(root, '.next/static'));
  const canaries = Object.values(buildCanaries);

  it('exists and is searched completely', () => {
    expect(scripts.length).toBeGreaterThan(10);
    expect(findIn(scripts, ['Sign out everywhere', 'New message']).length).toBeGreaterThan(0);
    expect(findIn(listFiles(standalone), ['AUTH_CLIENT_SECRET']).length).toBeGreaterThan(0);
  });

  it('LK-02: holds no value of the environment in which it was built', () => {
    expect(findIn([...scripts, ...listFiles(standalone)], canaries)).toEqual([]);
  });

  it('LK-02: the files for browsers name no setting, no secret and no code of the server', () => {
    const words = [
      ...Object.keys(buildCanaries).filter((name) => name.startsWith('AUTH_') || name.endsWith('_URL')),
      ...[
        'NEXT_PUBLIC_',
        'iron-session',
        'oauth4webapi',
        'client_secret',
        'code_verifier',
        'refresh_token',
        'access_token',
        'Fe26.',
        'node:crypto',
        'ioredis',
        '@redis',
      ],
    ];
    expect(findIn(scripts, words)).toEqual([]);
  });

  it('LK-02: no source map is where browsers can ask for it, and no script names one', () => {
    expect(scripts.filter((path) => path.endsWith('.map'))).toEqual([]);
    expect(findIn(scripts, ['sourceMappingURL='])).toEqual([]);
  });

  it('LK-02: no key of server actions is in what is deployed, and their ids are the same in every build', () => {
    const manifest = readFileSync(join(standalone, '.next/server/server-reference-manifest.json'), 'utf8');
    const script = readFileSync(join(standalone, '.next/server/server-reference-manifest.js'), 'utf8');
    for (const text of [manifest, script]) expect(text).not.toMatch(/encryptionKey/);
    // The key with which next.config.js has them made.
    const key = createHash('sha256').update('strongroom action ids').digest('base64');
    const [id = '', { filename = '', exportedName = '' } = {}] =
      Object.entries(
        (JSON.parse(manifest) as { node: Record<string, { filename: string; exportedName: string }> }).node,
      )[0] ?? [];
    const hash = createHash('sha1').update(`${key}${filename}:${exportedName}`).digest('hex');
    expect(id.slice(2)).toBe(hash);
  });

  it('is named by its sources, and holds nothing of the machine that made it', () => {
    const buildId = readFileSync(join(standalone, '.next/BUILD_ID'), 'utf8');
    expect(buildId, 'older than the sources: npm run build').toBe(digestSources(root, {}).buildId);
    expect(findIn(listFiles(standalone), [root])).toEqual([]);
    const random = ['.next/prerender-manifest.json', '.next/server/preview-props.json'];
    const { previewModeId } = JSON.parse(readFileSync(join(standalone, random[1] ?? ''), 'utf8'));
    const holding = findIn(listFiles(standalone), [previewModeId]);
    expect(holding.toSorted()).toEqual(random.map((name) => `/.next/standalone/${name}: ${previewModeId}`));
  });

  it('has a statement of its provenance, in Git and outside', () => {
    const run = (args: string[], env = {}) =>
      spawnSync(process.execPath, [join(root, 'scripts/provenance.ts'), ...args], {
        ...{ cwd: root, encoding: 'utf8', maxBuffer: 10_000_000 },
        env: { ...process.env, ...env },
      });
    const { stdout, stderr } = run(['--builder', 'https://ci.example'], { GIT_DIR: '/dev/null' });
    expect(stderr).toMatch(/no Git repository/);
    const { subject, predicate } = JSON.parse(stdout);
    const server = createHash('sha256')
      .update(readFileSync(join(standalone, 'server.js')))
      .digest('hex');
    expect(subject).toContainEqual({ name: 'server.js', digest: { sha256: server } });
    expect(predicate.runDetails.builder.id).toBe('https://ci.example');
    const rejected = run(['--builder', 'me']);
    expect([rejected.status, rejected.stderr]).toEqual([1, expect.stringMatching(/^--builder me is no URI/)]);
  });

  it('LK-02: no settings of the builder are in what is deployed', () => {
    expect(readdirSync(standalone).filter((name) => name.startsWith('.env'))).toEqual([]);
  });

  it('FW-06: no page that depends on the user was rendered at build time', () => {
    const manifest = JSON.parse(readFileSync(join(root, '.next/prerender-manifest.json'), 'utf8')) as {
      routes: object;
      dynamicRoutes: object;
    };
    expect(Object.keys(manifest.routes).toSorted()).toEqual(['/_global-error', '/icon.svg']);
    expect(Object.keys(manifest.dynamicRoutes)).toEqual([]);
    const pages = listFiles(join(root, '.next/server/app')).filter((path) =>
      /\.(html|rsc|body|meta)$/.test(path),
    );
    expect(pages.filter((path) => !/_global-error|icon\.svg/.test(path))).toEqual([]);
  });
});

describe('addresses of files that are not public', () => {
  const [chunk = ''] = readdirSync(join(root, '.next/static/chunks')).filter((name) => name.endsWith('.js'));
  const buildId = readFileSync(join(root, '.next/BUILD_ID'), 'utf8');
  it.each([
    `/_next/static/chunks/${chunk}.map`,
    `/_next/static/chunks/${chunk.replace(/\.js$/, '.map')}`,
    '/_next/static/../BUILD_ID',
    '/_next/static/%2e%2e/BUILD_ID',
    '/_next/static/..%2fBUILD_ID',
    '/_next/static/..%5cBUILD_ID',
    '/_next/static/%252e%252e/BUILD_ID',
    '/_next/static/....//BUILD_ID',
    '/_next/../package.json',
    '/_next/server/app/page.js',
    '/_next/server/server-reference-manifest.json',
    '/_next/BUILD_ID',
    '/.next/BUILD_ID',
    '/.next/server/server-reference-manifest.json',
    '/.next/required-server-files.json',
    '/next.config.js',
    '/server.js',
    '/proxy.ts',
    '/package.json',
    '/package-lock.json',
    '/node_modules/next/package.json',
    '/.env',
    '/.env.local',
    '/.env.production',
    '/.git/config',
    '/.git/HEAD',
    '/.npmrc',
    '/.DS_Store',
    '/.well-known/../.env',
    '/Dockerfile',
    '/app/page.tsx',
    '/lib/strongroom/config/config.ts',
    '/public/robots.txt',
    '/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%00/etc/passwd',
    '/file:///etc/passwd',
    '/_next/image?url=%2F..%2F..%2Fetc%2Fpasswd&w=64&q=75',
    '/_next/image?url=http%3A%2F%2F127.0.0.1%3A1%2F&w=64&q=75',
    '/__nextjs_original-stack-frames',
    '/__nextjs_source-map?filename=server.js',
    '/__nextjs_launch-editor?file=server.js',
    '/_next/mcp',
    '/_next/webpack-hmr',
    '/_next/hmr',
    '/debug',
    '/metrics',
    '/actuator/env',
    '/server-status',
    '/json/version',
  ])('LK-02: %s is not there', async (path) => {
    const { status, body } = await sendRaw(stack.appOrigin, path);
    expect([308, 400, 404, 405, 421]).toContain(status);
    expect(body).not.toMatch(/root:x:|"dependencies"|"encryptionKey"|\[core\]|ref: refs\/|AUTH_|FROM node/);
    expect(body).not.toBe(buildId);
  });
});
