/** The API for scripts of our own pages: `/api/gateway/<upstream>/…`. The same table answers every method. @see decision 0012 */
import { upstreams } from '@/lib/api/gateway-upstreams';
import { createGateway } from '@/lib/strongroom/bff/gateway/gateway-request';

const handle = createGateway(upstreams);

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};
