// The key that this server signs orders with. Run by itself it makes the key where there is none and says where the public half is:
//   node order-key.mjs --state DIR
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Made at the first start. The public half goes into the city's registry, as `order_key` of this application. */
export function orderKey(state) {
  const file = join(state, 'order-key.pem'),
    publicFile = join(state, 'order-key.pub.pem');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const key = createPrivateKey(readFileSync(file));
  writeFileSync(publicFile, createPublicKey(key).export({ format: 'pem', type: 'spki' }));
  return { key, publicFile };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { state: { type: 'string' } } });
  if (!values.state) {
    console.error('usage: order-key.mjs --state DIR');
    process.exit(2);
  }
  console.log(orderKey(values.state).publicFile);
}
