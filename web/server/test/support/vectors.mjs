import { readFileSync } from 'node:fs';

/** docs/protocol/vectors, the same files that the agent's tests and other languages read. */
export const vectors = (name) => JSON.parse(readFileSync(new URL(`../../../../docs/protocol/vectors/${name}.json`, import.meta.url), 'utf8'));
