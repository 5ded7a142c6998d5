/** The whole address of a path of this application, as browsers and other servers are given it. */
import 'server-only';
import { withBasePath } from '../base/base-path';
import { getConfig } from './config';

export function publicAddress(path: string): URL {
  return new URL(withBasePath(path), getConfig().appOrigin);
}
