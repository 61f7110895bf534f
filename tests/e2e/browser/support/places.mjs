// Where things are: this tree, what was built in it, and the npm packages of web/.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('../../../../', import.meta.url));
export const chromiumProgram = '/usr/bin/chromium';
export const firefoxProgram = '/usr/bin/firefox-esr';

const packages = createRequire(join(root, 'web/package.json'));

/** What web/ has installed; these tests bring no packages of their own. */
export const playwright = () => packages('playwright-core');
export const webSocket = () => packages('ws');
export const vite = () => import(pathToFileURL(join(packages.resolve('vite/package.json'), '../dist/node/index.js')).href);

/** libjurukunci-pkcs11.so, beside the programs. */
export const pkcs11Module = (bin = process.env.JURUKUNCI_BIN ?? join(root, 'build/dev/bin')) => join(bin, '../lib/libjurukunci-pkcs11.so');

/** One of our programs, from `bin` or from $JURUKUNCI_BIN or from the dev build. What is missing is a failure, never a skip. */
export function program(name, bin = process.env.JURUKUNCI_BIN ?? join(root, 'build/dev/bin')) {
  const path = join(bin, name);
  if (!existsSync(path)) throw new Error(`${path} is not there; run ./dev build`);
  return path;
}
