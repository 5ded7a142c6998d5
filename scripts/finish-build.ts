/** Completes `next build`: the standalone server expects the static files beside it. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const target = '.next/standalone';
cpSync('.next/static', `${target}/.next/static`, { recursive: true });
if (existsSync('public')) cpSync('public', `${target}/public`, { recursive: true });

// `next build` copies the builder's .env files: configuration belongs to the host, and secrets into no
// artefact.
for (const name of readdirSync(target)) if (name.startsWith('.env')) rmSync(`${target}/${name}`);

// Before any code of ours runs, Next prints where it listens: the log holds JSON alone (lib/strongroom/server/printed-lines.ts).
const server = `${target}/server.js`;
writeFileSync(server, `console.log = () => {};\n${readFileSync(server, 'utf8')}`);
