/** The API for scripts of our own pages: `/api/gateway/<upstream>/…`. @see decision 0012 */
import { gatewayRoute } from 'strongroom/routes';
import { upstreams } from '@/lib/api/gateway-upstreams';

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = gatewayRoute(upstreams);
