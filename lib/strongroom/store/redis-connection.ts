/** What the store needs of Redis, whether it is one server, one of several behind Sentinel, or a cluster. */
import 'server-only';
import { AppError } from '../base/errors';
import { describeCauses, logWarning } from '../base/log';
import type { RedisClient } from './redis-node';

export type RedisConnection = {
  /** Sends a command about `key` to the server that has it. @throws AppError `store_unavailable` */
  run<T>(key: string, command: (client: RedisClient) => Promise<T>): Promise<T>;
  /** `key` and others beginning like it, one on each server. */
  spread(key: string): string[];
  /** Another object as soon as the connection behind `key` was lost, or leads to another server. */
  line(key: string): object;
  /** Whether, after a loss of the server that has `key`, other instances had time to write what they still held. */
  isSettled(key: string): boolean;
  /** Whether keys are spread over servers by their slots. */
  isCluster: boolean;
  /** Resolves when every server has responded for the first time. */
  ready: Promise<void>;
  close(): void;
};

/** Redis responds with an error: it is full, or only a replica. */
export function toRejection(error: unknown): unknown {
  if (error instanceof AppError) return error;
  logWarning('store_rejected', { causes: describeCauses(error) });
  return new AppError('store_unavailable', { reason: 'store_rejected', cause: error });
}
