import { readinessRoute } from 'strongroom/routes';

export const dynamic = 'force-dynamic';

export const { GET } = readinessRoute;
