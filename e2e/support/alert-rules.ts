/**
 * What deploy/alerts.yaml makes of two readings of `/metrics`: promtool evaluates the rules over a time that is only
 * written down, so that no test waits for a window. Debian's package `prometheus` has it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Values by series, as Prometheus writes it: `name{label="value"}`. */
export type Reading = ReadonlyMap<string, number>;

/** Before and while something is wrong. */
export type Readings = { before: Reading; after: Reading };

const rules = join(import.meta.dirname, '../../deploy/alerts.yaml');
const beforeMinutes = 5;
const afterMinutes = 6;

/** With CI=true a missing promtool is a failure; elsewhere its tests are skipped, and say so. */
export function hasPromtool(): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, 'promtool')))) return true;
  if (process.env.CI === 'true')
    throw new Error('promtool is not installed; with CI=true that is a failure.');
  console.warn('promtool is not installed (Debian: apt-get install prometheus): what needs it is skipped.');
  return false;
}

/** @throws when it is no text of Prometheus */
export async function readMetrics(address: string): Promise<Reading> {
  const text = await (await fetch(address)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, series = '', value = ''] = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
      if (series === '' || Number.isNaN(Number(value))) throw new Error(`not a line of Prometheus: ${line}`);
      return [series, Number(value)];
    }),
  );
}

/**
 * Evaluates the rules for each case by itself.
 * @param cases readings, and the names of exactly the alerts that they raise
 * @returns what promtool says: '' when all is as expected
 */
export function checkAlerts(
  cases: Readonly<Record<string, Readings & { alerts: readonly string[] }>>,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-alerts-'));
  try {
    const file = join(folder, 'cases.json');
    const tests = Object.entries(cases).map(([name, { alerts, ...readings }]) =>
      describeCase(name, readings, alerts),
    );
    // promtool reads YAML, of which JSON is a part.
    writeFileSync(file, JSON.stringify({ rule_files: [rules], evaluation_interval: '1m', tests }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    return status === 0 ? '' : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns what promtool says: '' when all are valid */
export function checkQueries(queries: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-queries-'));
  try {
    const file = join(folder, 'rules.json');
    const recorded = queries.map((expr, index) => ({ record: `query_${index}`, expr }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules: recorded }] }));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    return status === 0 ? '' : stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function describeCase(name: string, { before, after }: Readings, alerts: readonly string[]) {
  const series = [...new Set([...before.keys(), ...after.keys()])].filter((one) =>
    /^(strongroom_|up\b)/.test(one),
  );
  return {
    name,
    interval: '1m',
    input_series: series.map((one) => ({
      series: withTarget(one),
      values: `${valuesOf(before.get(one), beforeMinutes)} ${valuesOf(after.get(one), afterMinutes)}`,
    })),
    promql_expr_test: [
      {
        expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: `${beforeMinutes + afterMinutes}m`,
        exp_samples: alerts.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
      },
    ],
  };
}

/** `_`: nothing was read. */
function valuesOf(value: number | undefined, minutes: number): string {
  return value === undefined ? `_x${minutes}` : `${value}+0x${minutes}`;
}

function withTarget(series: string): string {
  const target = 'job="strongroom",instance="app:9464"';
  return series.includes('{') ? series.replace('{', `{${target},`) : `${series}{${target}}`;
}
