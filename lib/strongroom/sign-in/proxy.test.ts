import { NextRequest } from 'next/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { clientAddressHeader } from '../server/client-address';
import { testDeclaration } from '../testing/declaration';
import { useEnvironment } from '../testing/environment';
import { proxy } from './proxy';

beforeEach(() => useEnvironment());

const [protectedPath = ''] = testDeclaration.protectedPaths;
const ask = (headers: Record<string, string>) =>
  proxy(
    new NextRequest(`https://app.example${protectedPath}`, {
      headers: { ...headers, [clientAddressHeader()]: '192.0.2.1' },
    }),
  );

describe('a request for a protected address without a session', () => {
  it.each<Record<string, string>>([{ 'sec-fetch-dest': 'document' }, {}])(
    'of a browser that shows it (%j) leads to sign in',
    async (headers) => {
      const response = await ask(headers);
      expect([response.status, response.headers.get('location')]).toEqual([
        303,
        expect.stringContaining('/sign-in'),
      ]);
    },
  );

  it('CS-05: that is saved as a file, or read by a script, gets a status and no page', async () => {
    const response = await ask({ 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' });
    expect([response.status, response.headers.get('location'), await response.text()]).toEqual([
      401,
      null,
      '',
    ]);
  });
});
