/** What an invoice comes to, for people. Pure. */

export function sayTotal(totalCents: number): string {
  return (totalCents / 100).toLocaleString('en', { style: 'currency', currency: 'EUR' });
}
