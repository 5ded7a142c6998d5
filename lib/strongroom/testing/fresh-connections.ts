/**
 * Every `fetch` of a test has a connection of its own. On a busy machine a server closes an idle connection at the very moment
 * at which it is used again: a browser repeats such a request, `fetch` does not. Test support only.
 */
import { Agent, setGlobalDispatcher } from 'undici';

setGlobalDispatcher(new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0 }));
