import { declaration } from './declaration';

export async function register() {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { startServer } = await import('strongroom/server');
  await startServer(declaration);
}
