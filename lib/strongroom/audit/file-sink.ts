/**
 * The audit log in a file, which is opened for each batch: a file that was renamed, removed or cut is begun anew, so
 * rotation needs no signal. Several processes may write to one.
 */
import 'server-only';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AuditSink, DeliveryError } from './audit-queue';

const gatherMs = 200;
/** Readable for its group, as logs are. */
const mode = 0o640;
/** A pipe that nobody reads fails at once, in place of waiting. */
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

export function createFileSink(path: string): AuditSink {
  return {
    gatherMs,
    deliver: async (lines, { isRepeated }) => {
      // A full disk may have taken half of a line.
      const start = isRepeated ? '\n' : '';
      await append(path, `${start}${lines.join('\n')}\n`);
    },
  };
}

/** Null when this process can write the file, which it then has made. */
export async function findFileProblem(path: string): Promise<DeliveryError | null> {
  return append(path, '').then(
    () => null,
    (error: DeliveryError) => error,
  );
}

async function append(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, flags, mode);
    try {
      if (!(await file.stat()).isFile()) throw Object.assign(new Error('no file'), { code: 'ENXIO' });
      await file.appendFile(text);
      if (text !== '') await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw explainFileError(cause, path);
  }
}

type Remedy = [reason: string, mend: (path: string) => string];

export const folderOf = (path: string) => `${dirname(path).replace(/\/$/, '')}/`;
const denied: Remedy = ['file_denied', (path) => `let the user of this process write ${path} and its folder`];

const remedies: Readonly<Record<string, Remedy>> = {
  ERR_ACCESS_DENIED: [
    'file_permission',
    (path) =>
      `Node keeps this process from writing it: start it with --allow-fs-write=${folderOf(path)} too (npm start --node-options=--allow-fs-write=${folderOf(path)})`,
  ],
  EACCES: denied,
  EPERM: denied,
  EROFS: ['file_read_only', (path) => `${folderOf(path)} is read-only: mount a volume there`],
  ENOENT: ['file_folder_missing', (path) => `make the folder ${folderOf(path)}`],
  ENOTDIR: ['file_folder_missing', (path) => `make the folder ${folderOf(path)}`],
  ENXIO: ['file_special', (path) => `${path} is a pipe or a device: name a file, or set AUDIT_LOG=stdout`],
  EISDIR: ['file_is_folder', (path) => `${path} is a folder: name a file in it`],
  ENOSPC: ['file_disk_full', (path) => `the disk of ${path} is full`],
};

export function explainFileError(cause: unknown, path: string): DeliveryError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const [reason, mend] = remedies[code] ?? [
    'file_error',
    () => `see whether ${path} can be written (${code})`,
  ];
  const isOfSetting = code in remedies && code !== 'ENOSPC';
  return new DeliveryError(reason, { cause, mend: mend(path), isOfSetting });
}
