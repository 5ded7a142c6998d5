/** Entry point `strongroom/proxy`, for the adopter's `proxy.ts`. */
import 'server-only';

export { proxy } from './sign-in/proxy';
