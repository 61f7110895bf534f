import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Holds a free port of 127.0.0.1 until `release`. The agent's registry names the page's port and the page's server names the
 * agent's, so one of the two is known before its program runs; the agent takes whatever is free.
 */
export async function reservePort() {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address();
  return { port, release: async () => { holder.close(); await once(holder, 'close'); } };
}
