// What a reader of the registry gets: the right files, maps that lead somewhere, types, and not more bytes than promised.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

import * as whole from '../dist/jurukunci.min.js';
import * as main from '../dist/index.js';
import { bundle } from '../bundle.mjs';

const packages = { client: fileURLToPath(new URL('..', import.meta.url)), server: fileURLToPath(new URL('../../server/', import.meta.url)) };
const read = (folder, file) => readFileSync(join(folder, file), 'utf8');
const manifests = Object.fromEntries(Object.entries(packages).map(([name, folder]) => [name, JSON.parse(read(folder, 'package.json'))]));

/** Without its scripts, which would build while other tests read what is built. */
function packed(folder) {
  const options = { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], options));
  return files.map(({ path }) => path);
}

for (const [name, folder] of Object.entries(packages)) {
  const manifest = manifests[name];
  const files = packed(folder);

  test(`${manifest.name} is packed with licence, README, sources and nothing of its tests`, () => {
    const wanted = ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts', 'dist/index.js.map', 'src/index.ts'];
    for (const file of wanted) assert.ok(files.includes(file), file);
    const known = /^(dist\/[\w.-]+\.(js|js\.map|d\.ts|d\.ts\.map)|src\/[\w-]+\.ts|LICENSE|README\.md|package\.json)$/;
    assert.deepEqual(files.filter((file) => !known.test(file)), []);
    assert.equal(read(folder, 'LICENSE'), read(packages.client, '../../LICENSE'));
  });

  test(`${manifest.name}: every map names files that are packed too`, () => {
    const maps = files.filter((file) => file.endsWith('.map'));
    assert.ok(maps.length > 10);
    for (const map of maps) {
      for (const source of JSON.parse(read(folder, map)).sources) {
        const path = normalize(join(dirname(map), source));
        assert.ok(files.includes(path), `${map} names ${path}`);
      }
    }
    for (const file of files.filter((one) => one.endsWith('.js'))) {
      const [, map] = /\/\/# sourceMappingURL=(.+)\s*$/.exec(read(folder, file)) ?? [];
      assert.ok(map && files.includes(`dist/${map}`), file);
    }
  });

  test(`${manifest.name}: what package.json exports exists, and it needs nothing at run time`, () => {
    for (const entry of Object.values(manifest.exports)) {
      for (const path of typeof entry === 'string' ? [entry] : Object.values(entry)) assert.ok(files.includes(normalize(path)), path);
    }
    for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies']) assert.equal(manifest[kind], undefined);
    assert.equal(manifest.sideEffects, false);
    assert.equal(manifest.type, 'module');
    assert.equal(manifest.license, 'Apache-2.0');
    assert.equal(manifest.private, undefined);
    assert.match(manifest.version, /^\d+\.\d+\.\d+/);
    for (const file of files.filter((one) => one.endsWith('.js'))) {
      for (const [, from] of read(folder, file).matchAll(/(?:^|\n)(?:import|export)[^'"\n]* from ["']([^"']+)["']/g)) {
        assert.match(from, name === 'server' ? /^\.\/|^node:crypto$/ : /^\.\//, `${file} imports ${from}`);
      }
    }
  });
}

test('the names of the package resolve as its exports say', async () => {
  assert.equal((await import('@jurukunci/client')).connect, main.connect);
  assert.equal(typeof (await import('@jurukunci/client/web-eid')).webEid, 'function');
  assert.equal((await import('@jurukunci/client/bundle')).connect, whole.connect);
  await assert.rejects(import('@jurukunci/client/dist/index.js'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
});

test('the version it says is the version it has', () => assert.equal(main.version, manifests.client.version));

test('the one file for pages without a bundler has everything, in 12 KB', (t) => {
  for (const name of [...Object.keys(main), 'webEid']) assert.ok(name in whole, name);
  const size = gzipSync(readFileSync(join(packages.client, 'dist/jurukunci.min.js')), { level: 9 }).length;
  t.diagnostic(`everything, minified and gzipped: ${size} bytes`);
  assert.ok(size <= 12 * 1024, `${size} bytes`);
});

test('the one file is made of today’s sources', async () => {
  const { outputFiles } = await bundle({ write: false });
  assert.equal(outputFiles.find(({ path }) => path.endsWith('.js')).text, read(packages.client, 'dist/jurukunci.min.js'));
});

/** One script with these names of `@jurukunci/client`, as a page's bundler would make it. */
async function pageWith(...names) {
  const id = '\0page';
  const script = `import { ${names.join(', ')} } from '@jurukunci/client';\nconsole.log(${names.join(', ')});`;
  const result = await build({
    configFile: false, logLevel: 'silent', root: packages.client,
    plugins: [{ name: 'page', resolveId: (name) => (name === 'page' ? id : null), load: (name) => (name === id ? script : null) }],
    build: { write: false, minify: true, target: 'es2022', rollupOptions: { input: 'page' } },
  });
  return result.output[0].code;
}

test('a page that only looks for the agent carries no code that signs, enrols or opens sessions', async (t) => {
  const marks = {
    signing: '/v1/signatures', enrolment: '/v1/enrolments', sessions: '/v1/session', uploads: '/v1/documents', verification: '/v1/verifications',
    logIn: '/v1/authenticate', webEid: 'ERR_WEBEID',
  };
  const [small, all] = [await pageWith('discover'), await pageWith('connect', 'enrol', 'signDocument', 'verify', 'authenticate')];
  assert.ok(small.includes('/v1/hello'));
  for (const [what, mark] of Object.entries(marks)) {
    assert.ok(!small.includes(mark), `${what} is in it`);
    if (what !== 'webEid') assert.ok(all.includes(mark), `${what} ought to be found by this mark`);
  }
  const sizes = [small, all].map((code) => gzipSync(code, { level: 9 }).length);
  t.diagnostic(`discover alone, minified and gzipped: ${sizes[0]} bytes; the usual calls: ${sizes[1]} bytes`);
  assert.ok(sizes[0] < sizes[1] / 2, sizes.join(' '));
});
