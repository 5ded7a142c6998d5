/** The API for scripts of our own pages: `/api/gateway/<upstream>/…`. Every method is answered by the same table. @see decision 0012 */

import { answerGatewayRequest } from '../../../../lib/strongroom/bff/gateway/gateway-request';
import { answerUnexpected } from '../../../../lib/strongroom/bff/gateway/respond';

function answer(request: Request): Promise<Response> {
  return answerGatewayRequest(request).catch(answerUnexpected);
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
