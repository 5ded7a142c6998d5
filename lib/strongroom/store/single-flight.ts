/**
 * Shares one running piece of work among everyone who asks for the same key while it runs. Holds nothing once
 * it has ended.
 */

export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();

  /** The running work under `key`, or `work` started now; every caller gets the same outcome. */
  share(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#flights.get(key);
    if (running !== undefined) return running;
    const flight = work().finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  has(key: string): boolean {
    return this.#flights.has(key);
  }

  get size(): number {
    return this.#flights.size;
  }
}
