import assert from 'node:assert/strict';
import { test } from 'node:test';

import { localErrors } from '../dist/local-errors.js';
import { complaintsAbout, read, snippets } from './support/snippets.mjs';

const around = 'declare function say(sentence: string): void;\ndeclare function ask(question: string): Promise<boolean>;\n';
const readme = read('web/client/README.md');

for (const file of ['web/client/README.md', 'web/server/README.md']) {
  for (const [i, { code }] of snippets(file, 'ts').entries()) {
    test(`${file}: recipe ${i + 1} is what the packages offer`, () => {
      assert.equal(complaintsAbout(`${code}\n${around}`), '');
    });
  }
}

test('a recipe that the packages do not offer is noticed', () => {
  assert.match(complaintsAbout("import { signEverything } from '@jurukunci/client';\nsignEverything();"), /signEverything/);
});

test('names all codes of the page', () => {
  for (const code of Object.keys(localErrors)) assert.ok(readme.includes(`\`${code}\``), code);
});

test('names all states of the page', () => {
  for (const state of ['ready', 'unenrolled', 'absent', 'blocked', 'outdated']) assert.ok(readme.includes(`| \`${state}\` |`), state);
});
