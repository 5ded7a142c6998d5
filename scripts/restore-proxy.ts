/** For `npm test -- --proxy`: the built output reaches its pages through Next's proxy. */
import { restoreProxy } from './page-routes.ts';

restoreProxy('.next/standalone', '.next');
