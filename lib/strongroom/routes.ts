/** Entry point `strongroom/routes`, for the adopter's route files: each mounts one of these. */
import 'server-only';

export { authRoutes } from './bff/auth-routes';
export { gatewayRoute } from './bff/gateway/gateway-route';
export type { Upstreams } from './bff/gateway/upstreams';
export { health } from './sign-in/health-endpoints';
