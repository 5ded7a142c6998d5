/** Sessions at one application, with devices that hold their keys: one that is bound, its neighbour, and one that is not. */
import { type Device, makeDevice, registrationProof } from '../../lib/strongroom/testing/test-device.ts';
import { type DeviceResponse, postDevice, signInAt } from '../support/device.ts';
import type { HttpBrowser } from '../support/http-browser.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

export const deviceOrigin = 'https://app.strongroom.test';
type Bound = { browser: HttpBrowser; id: string; sessionId: string };
type Headers = Record<string, string>;

export type DeviceWorld = {
  stack: TestStack;
  /** Where the application listens, behind what would be TLS. */
  edge: string;
  device: Device;
  other: Device;
  rsa: Device;
  /** Signed in, and offered a registration that no test completes. */
  unbound: Awaited<ReturnType<typeof signInAt>>;
  /** Registered with `device`. */
  bound: Bound;
  /** Another session, registered with `other`. */
  neighbour: Bound;
  signIn(): ReturnType<typeof signInAt>;
  signInAndRegister(by: Device): Promise<Bound>;
  register(browser: HttpBrowser, proof: string | null, headers?: Headers): Promise<DeviceResponse>;
  renew(
    by: { browser: HttpBrowser; id: string | null },
    proof: string | null,
    headers?: Headers,
  ): Promise<DeviceResponse>;
  newChallenge(of?: Bound): Promise<string>;
};

export async function startDeviceWorld(): Promise<DeviceWorld> {
  const stack = await startTestStack({
    AUTH_URL: deviceOrigin,
    SAMPLE_APP_URL: deviceOrigin,
    DEMO_ACCOUNTS: '',
  });
  const edge = stack.instanceOrigins[0] ?? '';
  const [device, other, rsa] = await Promise.all([makeDevice(), makeDevice(), makeDevice('RS256')]);
  const register: DeviceWorld['register'] = (browser, proof, headers = {}) =>
    postDevice(browser, `${edge}/auth/device/register`, {
      ...(proof === null ? {} : { 'secure-session-response': proof }),
      ...headers,
    });
  const renew: DeviceWorld['renew'] = ({ browser, id }, proof, headers = {}) =>
    postDevice(browser, `${edge}/auth/device/refresh`, {
      ...(id === null ? {} : { 'sec-secure-session-id': id }),
      ...(proof === null ? {} : { 'secure-session-response': proof }),
      ...headers,
    });
  const signIn = () => signInAt(stack, edge);
  const signInAndRegister = async (by: Device): Promise<Bound> => {
    const { browser, challenge } = await signIn();
    const { status, body, boundCookie } = await register(browser, await registrationProof(by, challenge));
    if (status !== 200 || !boundCookie?.includes('-bound-')) throw new Error(`not bound: ${status}`);
    const id = String(body.session_identifier);
    return { browser, id, sessionId: id.split('.')[1] ?? '' };
  };
  const unbound = await signIn();
  const bound = await signInAndRegister(device);
  const neighbour = await signInAndRegister(other);
  const newChallenge = async (of = bound) => (await renew(of, null)).challenge;
  return {
    ...{ stack, edge, device, other, rsa, unbound, bound, neighbour },
    ...{ signIn, signInAndRegister, register, renew, newChallenge },
  };
}
