/** Whether this is a development server (`next dev`): some protections would break hot reload there. */
import 'server-only';

export const isDevelopment = process.env.NODE_ENV === 'development';
