/** The API for scripts of our own pages: `/api/proxy/<destination>/…`. Every method is answered by the same table. @see decision 0011 */

import { answerProxied } from '../answer-proxied';
import { answerUnexpected } from '../respond';

function answer(request: Request): Promise<Response> {
  return answerProxied(request).catch(answerUnexpected);
}

export {
  answer as DELETE,
  answer as GET,
  answer as HEAD,
  answer as OPTIONS,
  answer as PATCH,
  answer as POST,
  answer as PUT,
};
