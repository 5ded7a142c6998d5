/**
 * A counter whose label values are all known from the start: every one of its series is there with 0 before anything
 * is counted, as a rule that asks for an increase needs it, and their number never grows. A request only adds to a
 * number; OpenTelemetry sees it when somebody reads.
 */
import 'server-only';
import type { Attributes, Meter } from '@opentelemetry/api';

export type ClosedCounter = {
  /** What is not on the list is not counted. */
  add(key: string | number): void;
};

/** @param series the labels of each series, by the key under which it is counted */
export function createClosedCounter(
  meter: Meter,
  { name, description }: { name: string; description: string },
  series: ReadonlyMap<string | number, Attributes>,
): ClosedCounter {
  const counts = new Map([...series].map(([key, labels]) => [key, { labels, count: 0 }]));
  meter.createObservableCounter(name, { description }).addCallback((result) => {
    for (const { labels, count } of counts.values()) result.observe(count, labels);
  });
  return {
    add(key) {
      const counted = counts.get(key);
      if (counted !== undefined) counted.count += 1;
    },
  };
}

/** One label: each value is its own key. */
export function eachOf<Value extends string | number>(
  label: string,
  values: readonly Value[],
): Map<Value, Attributes> {
  return new Map(values.map((value) => [value, { [label]: String(value) }]));
}
