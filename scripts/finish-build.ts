/** Completes `next build`: the standalone server expects the static files beside it. */
import { cpSync, existsSync } from 'node:fs';

const target = '.next/standalone';
cpSync('.next/static', `${target}/.next/static`, { recursive: true });
if (existsSync('public')) cpSync('public', `${target}/public`, { recursive: true });
