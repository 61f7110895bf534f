import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

import { localErrors } from '../dist/local-errors.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const readme = readFileSync(here('../README.md'), 'utf8');

test('the recipe is what the package offers', () => {
  const recipe = `${/```ts\n([^]*?)```/.exec(readme)[1]}\ndeclare function say(sentence: string): void;\n`;
  const options = {
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, strict: true, noEmit: true, types: [],
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], paths: { '@jurukunci/client': [here('../dist/index.d.ts')] },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  const name = here('recipe.ts');
  host.fileExists = (file) => file === name || fileExists.call(host, file);
  host.readFile = (file) => file === name ? recipe : readFile.call(host, file);
  host.getSourceFile = (file, version) => file === name ? ts.createSourceFile(file, recipe, version) : getSourceFile.call(host, file, version);
  const found = ts.getPreEmitDiagnostics(ts.createProgram([name], options, host));
  assert.equal(ts.formatDiagnostics(found, { getCanonicalFileName: (file) => file, getCurrentDirectory: () => '', getNewLine: () => '\n' }), '');
});

test('names all codes of the page', () => {
  for (const code of Object.keys(localErrors)) assert.ok(readme.includes(`\`${code}\``), code);
});
