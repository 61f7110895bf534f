import { JurukunciError } from './errors.js';
import { pause } from './waiting.js';

/** Together about as long as an agent needs to be started again by the system. */
const defaultWaits: readonly number[] = [250, 500, 1000, 2000, 4000];

/** Sends again what got no answer. Only for calls that do nothing new the second time. */
export async function repeatedly<T>(send: () => Promise<T>, waits = defaultWaits, signal?: AbortSignal): Promise<T> {
  for (const wait of waits) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof JurukunciError) || error.code !== 'L-AGEN-TIDAK-TERJANGKAU') throw error;
    }
    await pause(wait, signal);
  }
  return send();
}
