/** The files of deploy/, checked by the tools that read them where they are installed, and by rules. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const deploy = join(root, 'deploy');
const read = (name: string) => readFileSync(join(deploy, name), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'strongroom-deploy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What running requests may take after SIGTERM (lib/strongroom/server/shutdown.ts). */
const graceSec = 37;
const isInstalled = (program: string) => {
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (folders.some((path) => existsSync(join(path, program)))) return true;
  console.warn(`${program} is not installed: what needs it is skipped.`);
  return false;
};
function run(program: string, ...args: string[]) {
  const env = {
    ...{ NODE_ENV: 'test' as const, PATH: process.env.PATH },
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  };
  const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8', timeout: 200_000 });
  return { status, output: stdout + stderr };
}

describe.skipIf(!isInstalled('systemd-analyze'))('the systemd unit', () => {
  const verify = (text: string) => {
    const unit = join(folder, 'strongroom@.service');
    // Its Node and its user are those of a host.
    writeFileSync(
      unit,
      text.replace('/usr/bin/node', process.execPath).replace('User=strongroom', 'User=root'),
    );
    return run('systemd-analyze', 'verify', unit);
  };

  it('is valid, and a misspelt line in it is noticed', () => {
    expect(verify(read('strongroom@.service'))).toEqual({ status: 0, output: '' });
    const misspelt = read('strongroom@.service').replace('NoNewPrivileges', 'NoNewPrivilege');
    expect(verify(misspelt).output).toContain('Unknown key');
  });
});

describe.skipIf(!isInstalled('caddy'))('the Caddyfile', () => {
  const validate = (text: string) => {
    const file = join(folder, 'Caddyfile');
    writeFileSync(file, text);
    return run('caddy', 'validate', '--adapter', 'caddyfile', '--config', file).status;
  };

  it('is valid, and a misspelt directive in it is noticed', () => {
    expect(validate(read('Caddyfile'))).toBe(0);
    expect(validate(read('Caddyfile').replace('lb_try_duration', 'lb_try'))).not.toBe(0);
  });
});

describe('every way to start', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const commands = [
    scripts.start ?? '',
    /^CMD (.*)$/m.exec(read('Dockerfile'))?.[1]?.replaceAll(/["[\],]/g, '') ?? '',
    /^ExecStart=(.*)$/m.exec(read('strongroom@.service'))?.[1] ?? '',
  ];

  it.each(commands)('bounds the memory and the permissions in the same way: %s', (command) => {
    expect(command).toContain('--max-old-space-size=');
    const flags = (text: string) => text.match(/--(?:max|permission)[\w=-]*/g)?.toSorted();
    expect(flags(command)).toEqual(flags(scripts.start ?? ''));
    expect(command).toMatch(/server\.js$/);
  });

  it('leaves running requests their time before it kills', () => {
    const stop = Number(/^TimeoutStopSec=(\d+)$/m.exec(read('strongroom@.service'))?.[1]);
    expect(stop).toBeGreaterThan(graceSec);
  });
});

describe('the Dockerfile', () => {
  const text = read('Dockerfile').replaceAll(/\\\n\s*/g, '');
  const lines = text.split('\n').filter((line) => /^[A-Z]+ /.test(line));
  const stages = text.split(/^FROM /m).slice(1);

  it('installs what the lock file says, and nothing else', () => {
    expect(text).toContain('RUN npm ci ');
    expect(text).not.toMatch(/npm (?:i|install)\b|apt-get|curl|wget|ADD /);
  });

  it('names the version of each image, and runs the last one as a user without privileges', () => {
    for (const stage of stages) expect(stage).toMatch(/^node:\d+-slim(?: AS \w+)?\n/);
    const final = stages.at(-1) ?? '';
    expect(final).toMatch(/^USER node$/m);
    expect(final.indexOf('USER')).toBeGreaterThan(final.indexOf('COPY'));
    expect(final).not.toMatch(/^RUN /m);
  });

  it('has one exec-form command and a health check', () => {
    expect(lines.filter((line) => /^(?:CMD|ENTRYPOINT) /.test(line))).toEqual([
      expect.stringMatching(/^CMD \["/),
    ]);
    expect(text).toMatch(/^HEALTHCHECK .*CMD \["node", "-e", /m);
  });

  it('takes files of earlier builds only under the name that releases give', () => {
    expect(text).toMatch(/^ARG STATIC_ARCHIVE_ID=$/m);
    const [mount = ''] = text.match(/^RUN --mount.*$/gm) ?? [];
    expect(mount).toMatch(/,id=static-archive-\$\{STATIC_ARCHIVE_ID\},/);
    expect(mount).toMatch(/ STATIC_ARCHIVE=\$\{STATIC_ARCHIVE_ID:\+\/static-archive\} npm run build/);
  });

  it('gets every script that the build runs', () => {
    const allowed = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    expect(allowed).toEqual(expect.arrayContaining(['!scripts', '!lib', '!package-lock.json']));
  });
});

describe('the compose file', () => {
  it('runs the image without privileges, in bounded memory, with a Redis that keeps what it has', () => {
    const compose = z
      .strictObject({
        services: z.strictObject({
          strongroom: z.looseObject({
            build: z.strictObject({
              context: z.literal('..'),
              dockerfile: z.literal('deploy/Dockerfile'),
              args: z.strictObject({ STATIC_ARCHIVE_ID: z.string().min(1) }),
            }),
            read_only: z.literal(true),
            cap_drop: z.tuple([z.literal('ALL')]),
            security_opt: z.tuple([z.literal('no-new-privileges')]),
            mem_limit: z.literal('256m'),
            stop_grace_period: z
              .string()
              .regex(/^\d+s$/)
              .transform((text) => Number.parseInt(text, 10)),
            ports: z.tuple([z.string().startsWith('127.0.0.1:')]),
            user: z.undefined().optional(),
          }),
          redis: z.looseObject({
            image: z.string().regex(/^redis:\d/),
            command: z.string().regex(/--appendonly yes .*--maxmemory-policy noeviction/),
            ports: z.undefined().optional(),
          }),
        }),
        volumes: z.object({ redis: z.object({}) }),
      })
      .parse(parse(read('compose.yaml')));
    expect(compose.services.strongroom.stop_grace_period).toBeGreaterThan(graceSec);
  });
});
