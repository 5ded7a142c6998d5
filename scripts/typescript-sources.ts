/**
 * Lets Node run the sources of the core as they are, without a build: they name each other without `.ts`, and
 * `server-only` is for bundlers. Import it before them.
 */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'server-only') return { url: 'data:text/javascript,', shortCircuit: true };
    if (/^\.{1,2}\//.test(specifier) && context.parentURL?.endsWith('.ts')) {
      const source = new URL(`${specifier}.ts`, context.parentURL);
      if (existsSync(source)) return next(source.href, context);
    }
    return next(specifier, context);
  },
});
