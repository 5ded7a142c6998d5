import { health } from 'strongroom/routes';

export const dynamic = 'force-dynamic';

export const GET = health.clientKeys;
