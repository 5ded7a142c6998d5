/**
 * A counter whose label values are all known from the start: every one of its series is there with 0 before anything
 * is counted, as a rule that asks for an increase needs it, and their number never grows.
 */
import 'server-only';
import type { Attributes, Counter, Meter } from '@opentelemetry/api';

export type ClosedCounter = {
  /** What is not on the list is not counted. */
  add(key: string): void;
};

/** @param series the labels of each series, by the key under which it is counted */
export function createClosedCounter(
  meter: Meter,
  { name, description }: { name: string; description: string },
  series: Readonly<Record<string, Attributes>>,
): ClosedCounter {
  const counter: Counter = meter.createCounter(name, { description });
  const known = new Map(Object.entries(series));
  for (const labels of known.values()) counter.add(0, labels);
  return {
    add(key) {
      const labels = known.get(key);
      if (labels !== undefined) counter.add(1, labels);
    },
  };
}

/** One label: each value is its own key. */
export function eachOf(label: string, values: readonly (string | number)[]): Record<string, Attributes> {
  return Object.fromEntries(values.map((value) => [String(value), { [label]: String(value) }]));
}
