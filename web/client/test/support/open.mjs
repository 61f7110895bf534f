import { webcrypto } from 'node:crypto';

import { discover, openSession } from '../../dist/index.js';

globalThis.crypto ??= webcrypto; // every browser has it; Node 18 does not yet

/** A session with quick repetitions; nonces count up so that renewals can be told apart. */
export async function open(agent, changes = {}) {
  const { state, agent: found } = await discover({ ports: [agent.port] });
  if (state !== 'ready') throw new Error(`the agent is ${state}`);
  let nonces = 0;
  return openSession(found, {
    nonce: async () => `nonce-${++nonces}`,
    checkProof: async () => true,
    repeatAfter: [5, 5, 5],
    ...changes,
  });
}

export const letter = new Blob(['%PDF-1.7 letter'], { type: 'application/pdf' });
export const order = { name: 'Undangan Rapat.pdf', blob: letter, purpose: 'tte', taskKind: 'persuratan_elektronik' };
