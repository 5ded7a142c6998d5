/** Reads the flags of a bench, each a positive number: `--users 20`. Pure. */
import { parseArgs } from 'node:util';

/** @throws in words when a flag is unknown or no number in its range */
export function readFlags<Name extends string>(
  fallbacks: Record<Name, number>,
  most: Record<Name, number>,
): Record<Name, number> {
  const names = Object.keys(fallbacks) as Name[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options });
  const entries = names.map((name) => {
    const number = Number(values[name] ?? fallbacks[name]);
    if (!(number > 0 && number <= most[name]))
      throw new Error(`--${name} must be a number up to ${most[name]}.`);
    return [name, number] as const;
  });
  return Object.fromEntries(entries) as Record<Name, number>;
}

/** Takes `--name choice` out of the arguments. @returns the first choice when it is not there */
export function takeChoice<Choice extends string>(name: string, choices: readonly Choice[]): Choice {
  const at = process.argv.indexOf(`--${name}`);
  const [, value] = at < 0 ? ['', choices[0]] : process.argv.splice(at, 2);
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw new Error(`--${name} must be one of ${choices.join(', ')}.`);
  return choice;
}
