import { authRoutes } from 'strongroom/routes';

export const { GET, HEAD, POST } = authRoutes();
