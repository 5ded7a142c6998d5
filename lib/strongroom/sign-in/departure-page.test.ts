import { beforeEach, expect, it } from 'vitest';
import { useEnvironment } from '../testing/environment';
import { leadTo } from './departure-page';

beforeEach(() => useEnvironment({}, { productName: '<b>Ledger</b>' }));

it('HD-01, SE-06: the page on the way to the server’s logout runs nothing, is stored nowhere, and leads on by itself', async () => {
  const response = leadTo(new URL(`https://issuer.example/logout?a=1&b="'><script>x</script>;url=//evil`));
  const page = await response.text();
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|<b>/);
  const addresses = [...page.matchAll(/(?:url=|href=")(https:[^"]*)"/g)].map(([, address]) => address);
  expect(addresses).toHaveLength(2);
  for (const address of addresses)
    expect(address).toMatch(/^https:\/\/issuer\.example\/logout\?a=1&amp;b=%22/);
});
