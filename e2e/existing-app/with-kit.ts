/**
 * Runs inside of the packed application, as a test of its adopter would, and prints what a signed-in user and
 * strangers get of its standalone server.
 */
import { signedInCookies, startTestApp } from 'strongroom/testing';

const { declaration } = await import(`${process.cwd()}/declaration.ts`);
const app = await startTestApp(declaration);
app.api.on('GET /contacts', { items: [{ id: '1', name: 'Ada Lovelace' }] });
const cookies = await signedInCookies(declaration, { subject: 'grace', name: 'Grace Hopper' });
const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');

async function ask(address: string, init: RequestInit = {}) {
  const response = await fetch(address, { redirect: 'manual', ...init });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    html: await response.text(),
  };
}

const results = {
  signedIn: await ask(`${app.url}/account`, { headers: { cookie } }),
  asked: app.api.requests.map(({ path, subject }) => ({ path, subject })),
  signedOut: await ask(`${app.url}/account`),
  deleted: await ask(`${app.url}/account`, { method: 'DELETE' }),
  elsewhere: await ask(app.url.replace('localhost', '127.0.0.1')),
};
await app.close();
console.log(JSON.stringify(results));
