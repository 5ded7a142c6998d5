/** The short number that a user reads out and an operator finds in the log. */

export function Reference({ value }: { value: string | null }) {
  return value === null ? null : <p className="pt-8 text-small text-soft">Reference {value}</p>;
}
