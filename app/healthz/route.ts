import { healthRoute } from 'strongroom/routes';

export const dynamic = 'force-dynamic';

export const { GET } = healthRoute;
