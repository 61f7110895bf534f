import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { words as server } from '../server/words.mjs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = { id: JSON.parse(read('../src/words/id.json')), en: JSON.parse(read('../src/words/en.json')) };
const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

for (const [where, { id, en }] of Object.entries({ page, server })) {
  test(`both dictionaries of the ${where} say the same things, with the same values to fill in`, () => {
    assert.deepEqual(Object.keys(en), Object.keys(id));
    for (const key of Object.keys(id)) {
      assert.ok(id[key].trim() && en[key].trim(), key);
      assert.deepEqual(holes(en[key]), holes(id[key]), key);
    }
  });
}

test('nothing stands in the page’s dictionaries that no view says', () => {
  const sources = readdirSync(new URL('../src/', import.meta.url))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(`../src/${name}`))
    .join('\n');
  const patterns = [...sources.matchAll(/`([\w.-]*)\$\{[^}]*\}`/g)].map(([, stem]) => stem).filter((stem) => stem.includes('.'));
  for (const key of Object.keys(page.id)) {
    const stem = key.replace(/\.(one|other)$/, '');
    assert.ok(sources.includes(`'${stem}'`) || patterns.some((start) => key.startsWith(start)), `${key} is said nowhere`);
  }
});

test('no view keeps a sentence of its own', () => {
  for (const name of readdirSync(new URL('../src/', import.meta.url)).filter(
    (one) => one.endsWith('-view.ts') || one === 'inbox.ts' || one === 'agent-panel.ts',
  )) {
    const strings = [...read(`../src/${name}`).matchAll(/text: '([^']*)'|paragraph\('([^']*)'/g)].map(([, a, b]) => a ?? b);
    assert.deepEqual(
      strings.filter((text) => /[a-z]{3,} [a-z]{3,} [a-z]{3,}/i.test(text) && !/^Access other apps/.test(text)),
      [],
      name,
    );
  }
});
