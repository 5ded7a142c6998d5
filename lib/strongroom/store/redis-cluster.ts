/**
 * A Redis Cluster: each key is on the primary that has its slot. Which one that is, is learnt from the
 * cluster at the start, while a primary is away, and when a server says that a slot has moved.
 * @see Redis cluster specification, MOVED and ASK redirection
 */
import 'server-only';
import { waitAtMost } from '../base/deadline';
import { AppError } from '../base/errors';
import type { RedisHost } from '../config/redis-address';
import { slotCount, slotOf } from './key-slot';
import { type RedisConnection, toRejection } from './redis-connection';
import type { KnownRedis, RedisClient, RedisNode } from './redis-node';
import { connectMs, connectToNode, nameOf } from './redis-node';
import { SingleFlight } from './single-flight';
import { watchStore } from './store-watch';

const lookMs = 1_000;
const maxRedirects = 3;
const maxSpread = 1_000;
/** In the log, the map is a part of the store until it is known. */
const slotMap = 'slots';

export function connectToCluster(address: KnownRedis): RedisConnection {
  const cluster = new Cluster(address);
  return {
    run: (key, command) => cluster.run(key, command),
    spread: (key) => cluster.spread(key),
    line: (key) => cluster.nodeOf(key)?.line() ?? cluster,
    isSettled: (key) => cluster.nodeOf(key)?.isSettled() ?? true,
    isCluster: true,
    ready: cluster.ready,
    close: () => cluster.close(),
  };
}

type Command<T> = (client: RedisClient) => Promise<T>;
type SlotRange = { from: number; to: number; master: RedisHost };

class Cluster {
  readonly #address: KnownRedis;
  readonly #watch = watchStore();
  readonly #nodes = new Map<string, RedisNode>();
  readonly #learning = new SingleFlight<void>();
  readonly #first = Promise.withResolvers<void>();
  readonly #firstLook: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  /** The name of the primary for each slot. */
  #slots: string[] = [];
  #isClosed = false;
  #lastError: unknown;

  constructor(address: KnownRedis) {
    this.#address = address;
    this.#watch.expect(slotMap);
    this.#firstLook = this.#learn();
    this.#timer = setInterval(() => this.#look(), lookMs).unref();
  }

  get ready(): Promise<void> {
    return this.#first.promise;
  }

  nodeOf(key: string): RedisNode | undefined {
    return this.#nodes.get(this.#slots[slotOf(key)] ?? '');
  }

  async run<T>(key: string, command: Command<T>): Promise<T> {
    // At the very start a request may be faster than the answer.
    if (this.#slots.length === 0) await waitAtMost(connectMs, this.#firstLook, undefined);
    let [node, send, failure] = [this.nodeOf(key), command, this.#lastError];
    for (let redirects = 0; node !== undefined && redirects <= maxRedirects; redirects += 1) {
      try {
        return await node.run(send);
      } catch (error) {
        const redirect = readRedirect(error, node.server);
        if (redirect === null) throw this.#isDown(error) ? unavailable(error) : toRejection(error);
        failure = error;
        // A server that leads to ever more addresses gets no more connections than the cluster has members.
        const isFull = this.#nodes.size >= 2 * new Set(this.#slots).size;
        node = this.#nodes.get(nameOf(redirect)) ?? (isFull ? undefined : this.#open(redirect));
        send = redirect.isOnce ? (client) => askFirst(client, command) : command;
        if (!redirect.isOnce) void this.#learn();
      }
    }
    throw unavailable(failure);
  }

  /** Until another has its place, a lost primary makes the others reject everything: the loss is in the log. */
  #isDown(error: unknown): boolean {
    const isAway = [...this.#nodes.values()].some((node) => !node.isUp());
    return isAway && error instanceof Error && error.message.startsWith('CLUSTERDOWN');
  }

  spread(key: string): string[] {
    const found = new Map([[this.nodeOf(key), key]]);
    const count = new Set(this.#slots).size;
    for (let number = 0; found.size < count && number < maxSpread; number += 1) {
      const other = `${key}:${number}`;
      if (!found.has(this.nodeOf(other))) found.set(this.nodeOf(other), other);
    }
    return [...found.values()];
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const node of this.#nodes.values()) node.close();
  }

  #look(): void {
    if (this.#slots.length === 0 || [...this.#nodes.values()].some((node) => !node.isUp()))
      void this.#learn();
  }

  /** Never throws. */
  #learn(): Promise<void> {
    return this.#learning.share('slots', async () => {
      const isKnown = await this.#askMembers();
      if (!isKnown && !(await this.#askNamed()) && this.#slots.length === 0 && !this.#isClosed)
        this.#watch.lost(slotMap, 'store_connection', this.#lastError);
    });
  }

  async #askMembers(): Promise<boolean> {
    for (const node of this.#nodes.values()) if (node.isUp() && (await this.#ask(node))) return true;
    return false;
  }

  /** The hosts of REDIS_URL, by connections of their own: they may be no primaries, or not be members any more. */
  async #askNamed(): Promise<boolean> {
    for (const host of this.#address.hosts) {
      const node = connectToNode({ ...this.#address, ...host }, { lost: () => {}, back: () => {} });
      const isKnown = await this.#ask(node);
      node.close();
      if (isKnown) return true;
    }
    return false;
  }

  async #ask(node: RedisNode): Promise<boolean> {
    try {
      const ranges: SlotRange[] = await node.run((client) => client.clusterSlots());
      if (ranges.length === 0) throw new Error('The cluster has given no slots to its nodes');
      if (!this.#isClosed) this.#adopt(ranges, node.server);
      return true;
    } catch (error) {
      this.#lastError = error;
      return false;
    }
  }

  #adopt(ranges: readonly SlotRange[], asked: RedisHost): void {
    const slots: string[] = new Array(slotCount).fill('');
    for (const { from, to, master } of ranges) {
      // A server that does not know its own address gives none.
      const host = { host: master.host || asked.host, port: master.port };
      if (!this.#nodes.has(nameOf(host))) this.#open(host);
      slots.fill(nameOf(host), from, to + 1);
    }
    const isFirst = this.#slots.length === 0;
    this.#slots = slots;
    for (const node of this.#nodes.values()) if (!slots.includes(node.name)) this.#drop(node);
    this.#watch.forget(slotMap);
    const all = [...this.#nodes.values()].map(({ ready }) => ready);
    if (isFirst) void Promise.all(all).then(() => this.#first.resolve());
  }

  #open(host: RedisHost): RedisNode {
    const isReplacement = this.#slots.length > 0;
    this.#watch.expect(nameOf(host));
    const node = connectToNode({ ...this.#address, ...host }, this.#watch, { isReplacement });
    this.#nodes.set(node.name, node);
    return node;
  }

  #drop(node: RedisNode): void {
    node.close();
    this.#nodes.delete(node.name);
    this.#watch.forget(node.name);
  }
}

function unavailable(cause: unknown): AppError {
  return new AppError('store_unavailable', { reason: 'store_connection', cause });
}

/** `MOVED 3999 10.0.0.1:6381`, for good, or `ASK 3999 10.0.0.1:6381`, for this command alone. */
function readRedirect(error: unknown, asked: RedisHost): (RedisHost & { isOnce: boolean }) | null {
  const [, kind, host, port] =
    /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(error instanceof Error ? error.message : '') ?? [];
  return port === undefined ? null : { host: host || asked.host, port: Number(port), isOnce: kind === 'ASK' };
}

/** Both are written in one turn, so nothing comes between them. */
function askFirst<T>(client: RedisClient, command: Command<T>): Promise<T> {
  client.sendCommand(['ASKING']).catch(() => {});
  return command(client);
}
