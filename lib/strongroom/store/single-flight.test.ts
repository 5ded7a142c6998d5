import { describe, expect, it } from 'vitest';
import { SingleFlight } from './single-flight';

describe('a single flight', () => {
  it('runs the work once for all callers that ask while it runs', async () => {
    const flights = new SingleFlight<number>();
    const { promise, resolve } = Promise.withResolvers<number>();
    let runs = 0;
    const work = () => {
      runs += 1;
      return promise;
    };
    const callers = Array.from({ length: 50 }, () => flights.share('key', work));
    resolve(7);
    expect(new Set(await Promise.all(callers))).toEqual(new Set([7]));
    expect([runs, flights.size]).toEqual([1, 0]);
  });

  it('shares a failure, forgets it, and runs again', async () => {
    const flights = new SingleFlight<number>();
    const fail = () => Promise.reject(new Error('down'));
    const callers = [flights.share('key', fail), flights.share('key', fail)];
    const outcomes = await Promise.allSettled(callers);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flights.share('key', async () => 1)).toBe(1);
  });

  it('keeps keys apart', async () => {
    const flights = new SingleFlight<string>();
    const results = ['a', 'b'].map((key) => flights.share(key, async () => key));
    expect(await Promise.all(results)).toEqual(['a', 'b']);
  });
});
