/**
 * Keeps the files for browsers of earlier builds: pages that are open during a deployment go on asking for them. The
 * operator names the folder that outlives builds, `STATIC_ARCHIVE`; each build is a folder in it, named by its time
 * and id.
 */
import { cpSync, existsSync, lstatSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Longer than pages are left open: their sessions last a week (SESSION_MAX_HOURS). */
const keptMs = 14 * 24 * 3_600_000;
/** Each is a few megabytes, and all go into every output. */
const maxBuilds = 50;
/** `2026-03-12T14-05-00.000Z.BuildId`: other names in the folder are not ours, and stay. */
const buildName = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3}Z)\.([\w-]{1,64})$/;

const unfinishedSuffix = '.unfinished';
/** No build writes its files for so long: what is older broke off. */
const unfinishedMs = 3_600_000;
/** What `next build` makes: others that write into the archive bring no pages and no programs along. */
const staticFile = /\.(?:m?js|css|json|txt|map|wasm|woff2?|ttf|otf|svg|png|jpe?g|gif|webp|avif|ico)$/;

type Archive = { folder: string; buildId: string; nowMs: number };

/**
 * Adds the files of earlier builds to those in `staticFolder`, and this build to the archive.
 * @returns how many earlier builds were added
 * @throws Error with a sentence for the operator
 */
export function mergeEarlierBuilds(staticFolder: string, { folder, buildId, nowMs }: Archive): number {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new Error(`STATIC_ARCHIVE=${folder} is no folder: make one that the next builds find again.`);
  const builds = listBuilds(folder, nowMs);
  const kept = selectKept(builds, nowMs).filter(({ id }) => id !== buildId);
  try {
    const old = builds.filter((build) => !kept.includes(build)).map((build) => build.name);
    for (const name of [...old, ...listUnfinished(folder, nowMs)])
      rmSync(join(folder, name), { recursive: true });
    // Before what is earlier comes in: the archive holds each build by itself.
    save(staticFolder, join(folder, nameBuild(nowMs, buildId)));
    const add = { recursive: true, force: false, filter: isStatic };
    for (const { name } of kept) cpSync(join(folder, name), staticFolder, add);
  } catch (error) {
    throw new Error(`STATIC_ARCHIVE=${folder} cannot be read and written.`, { cause: error });
  }
  return kept.length;
}

type Build = { name: string; id: string; builtMs: number };

/** Newest first. One of the future is not used: it would stay the newest, and push out the others. */
function listBuilds(folder: string, nowMs: number): Build[] {
  return readdirSync(folder)
    .flatMap(readName)
    .filter(({ builtMs }) => builtMs <= nowMs)
    .toSorted((a, b) => b.builtMs - a.builtMs);
}

function listUnfinished(folder: string, nowMs: number): string[] {
  return readdirSync(folder).filter((name) => {
    if (!name.endsWith(unfinishedSuffix)) return false;
    const [build] = readName(name.slice(0, -unfinishedSuffix.length));
    return build !== undefined && build.builtMs <= nowMs - unfinishedMs;
  });
}

/** None for a name that is not ours. */
function readName(name: string): Build[] {
  const [, day = '', hour, minute, second, id = ''] = buildName.exec(name) ?? [];
  const builtMs = Date.parse(`${day}${hour}:${minute}:${second}`);
  return Number.isNaN(builtMs) ? [] : [{ name, id, builtMs }];
}

/** A build is in use until the next one: that is where its age begins. Pure. */
export function selectKept<B extends { builtMs: number }>(newestFirst: readonly B[], nowMs: number): B[] {
  return newestFirst
    .filter((_, at) => nowMs - (newestFirst[at - 1]?.builtMs ?? nowMs) <= keptMs)
    .slice(0, maxBuilds);
}

function nameBuild(nowMs: number, buildId: string): string {
  return `${new Date(nowMs).toISOString().replaceAll(':', '-')}.${buildId.replace(/[^\w-]/g, '_')}`;
}

/** A build that breaks off leaves no half of one. */
function save(from: string, to: string): void {
  const unfinished = `${to}${unfinishedSuffix}`;
  cpSync(from, unfinished, { recursive: true });
  renameSync(unfinished, to);
}

/** No link in the archive may bring another file of the builder into the output. */
function isStatic(path: string): boolean {
  const stat = lstatSync(path);
  return stat.isDirectory() || (stat.isFile() && staticFile.test(path));
}
