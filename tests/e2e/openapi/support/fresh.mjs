// The rule by which an example of a request becomes a request: what its description calls a stand-in is replaced by what is fresh or one's own.
import { createHash, randomBytes } from 'node:crypto';

import { named } from './description.mjs';
import { freshNonce } from './door.mjs';

const letter = '../../web/demo/letters/undangan-rapat.pdf';

/** `door`: whose page it is; `scene`: for orders; `certificate`: one that can be used. */
export async function fresh(example, { door, scene, certificate }) {
  const value = structuredClone(example.value);
  if ('nonce' in value) value.nonce = freshNonce(24);
  if ('challengeNonce' in value) value.challengeNonce = freshNonce(32);
  if ('requestId' in value) value.requestId = randomBytes(12).toString('hex');
  if (value.certificate) value.certificate = certificate;
  const bytes = named(example['x-document'] ?? letter);
  for (const holder of [value, ...(value.items ?? [])]) if (holder.documentId) holder.documentId = (await door.upload(bytes)).id;
  if (value.order) value.order = scene.order(value.items.map(() => createHash('sha256').update(bytes).digest('hex'))).jws;
  return value;
}
