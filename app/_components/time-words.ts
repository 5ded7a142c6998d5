/** Times in words. Pure: the current time is passed in. */

const steps = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const;

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

/**
 * "in 4 minutes", "yesterday"; further back than a week: the date. Both arguments in seconds since the epoch.
 */
export function sayWhen(atSec: number, nowSec: number): string {
  const distanceSec = atSec - nowSec;
  if (distanceSec < -7 * 86_400) return day.format(atSec * 1000);
  const step = steps.find(({ seconds }) => Math.abs(distanceSec) >= seconds);
  if (step === undefined) return distanceSec <= 0 ? 'just now' : 'in less than a minute';
  // Rounded down, but for a hundredth: a week that began a moment ago is still seven days.
  return relative.format(Math.trunc(distanceSec / step.seconds + Math.sign(distanceSec) / 100), step.unit);
}

/** "12 March 2026 at 14:05 UTC": the server does not know the time zone of the user. */
export function sayExactly(atSec: number): string {
  return `${exact.format(atSec * 1000)} UTC`;
}

export type SaidTime = {
  /** ISO 8601, for machines. */
  iso: string;
  exactly: string;
  words: string;
};

/**
 * @param at seconds since the epoch, or ISO 8601
 * @param isPast for what has happened: another machine's clock may be a little ahead of ours
 */
export function sayTime(at: number | string, nowSec: number, isPast = false): SaidTime {
  const atSec = typeof at === 'number' ? at : Math.floor(Date.parse(at) / 1000);
  return {
    iso: new Date(atSec * 1000).toISOString(),
    exactly: sayExactly(atSec),
    words: sayWhen(isPast ? Math.min(atSec, nowSec) : atSec, nowSec),
  };
}

/** "24 hours", "30 minutes": whole units only, the largest that leaves nothing over. */
export function sayDuration(seconds: number): string {
  const units = [
    { unit: 'day', seconds: 86_400 },
    { unit: 'hour', seconds: 3_600 },
    { unit: 'minute', seconds: 60 },
  ];
  const fit = units.find((one) => seconds % one.seconds === 0 && seconds / one.seconds > 1);
  const { unit, seconds: step } = fit ?? { unit: 'second', seconds: 1 };
  return `${(seconds / step).toLocaleString('en')} ${unit}s`;
}
