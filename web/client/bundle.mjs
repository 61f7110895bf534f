// dist/jurukunci.min.js: everything in one minified ES module, for pages without a bundler. By the esbuild that vite brings.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { build } = createRequire(createRequire(import.meta.url).resolve('vite/package.json'))('esbuild');

export const bundle = (changes = {}) => build({
  entryPoints: [here('src/all.ts')], outfile: here('dist/jurukunci.min.js'), bundle: true, minify: true, format: 'esm', target: 'es2022',
  sourcemap: true, legalComments: 'none', banner: { js: '/* @jurukunci/client, Apache-2.0 */' }, logLevel: 'warning', ...changes,
});

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
