// docs/integrasi: what is shown there is what the packages offer, and names what exists. tests/e2e/browser runs the plain page.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { localErrors } from '../dist/local-errors.js';
import { complaintsAbout, read, snippets } from './support/snippets.mjs';

const folder = fileURLToPath(new URL('../../../docs/integrasi/', import.meta.url));
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
const agentCodes = [...read('web/client/src/error-codes.ts').matchAll(/'(E-[A-Z-]+)'/g)].map(([, code]) => code);
const codes = [...Object.keys(localErrors), ...agentCodes];

/** As much of React's types as the example needs: React itself is no part of this project. */
const react = `
declare module 'react' {
  export function useState<T>(first: T): [T, (next: T) => void];
  export function useRef<T>(first: T): { current: T };
  export function useCallback<T>(action: T, on: readonly unknown[]): T;
  export function useEffect(effect: () => void | (() => void), on: readonly unknown[]): void;
}
declare namespace JSX { interface IntrinsicElements { [name: string]: any } }
`;

test('the plain page’s scripts are what the packages offer', () => {
  const scripts = snippets('docs/integrasi/halaman-biasa.md', 'js');
  assert.equal(scripts.length, 4);
  const [server, page, serverLogin, pageLogin] = scripts.map(({ code }) => code);
  assert.equal(complaintsAbout(server, { javascript: true }), '');
  assert.equal(complaintsAbout(page, { javascript: true, strict: false }), ''); // it finds its own elements without asking whether they are there
  assert.equal(complaintsAbout(`${server}${serverLogin}`, { javascript: true }), '');
  assert.equal(complaintsAbout(`${page}${pageLogin}`, { javascript: true, strict: false }), '');
});

test('the React example is what the package offers', () => {
  const [hook, ...more] = snippets('docs/integrasi/react.md', 'ts');
  const [component, ...others] = snippets('docs/integrasi/react.md', 'tsx');
  assert.deepEqual([more, others], [[], []]);
  assert.equal(complaintsAbout(hook.code, { ambient: react }), '');
  const around = { ambient: react, tsx: true, beside: { 'use-jurukunci.ts': hook.code } };
  assert.equal(complaintsAbout(component.code, around), '');
  assert.match(complaintsAbout(component.code.replace('signDocument(', 'signDocument(5, '), around), /Expected 2 arguments/);
});

for (const page of pages) {
  const text = read(`docs/integrasi/${page}`);

  test(`${page}: links lead somewhere`, () => {
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) assert.ok(existsSync(join(dirname(join(folder, page)), target)), target);
  });

  test(`${page}: codes exist`, () => {
    for (const [code] of text.matchAll(/\b[EL]-[A-Z]+(?:-[A-Z]+)+\b/g)) assert.ok(codes.includes(code), code);
  });

  test(`${page}: JSON parses, and it opens with a summary in Indonesian`, () => {
    for (const { code } of snippets(`docs/integrasi/${page}`, 'json')) JSON.parse(code);
    assert.match(text, /^# .+\n\n\*Ringkasan: /);
  });
}

test('the page of troubles speaks of every state, every code of the page and every reason of a connection', () => {
  const text = read('docs/integrasi/masalah.md');
  const states = ['absent', 'blocked', 'waiting-for-browser', 'unenrolled', 'outdated', 'ready'];
  for (const state of states) assert.ok(text.includes(`### \`${state}\``), state);
  for (const code of Object.keys(localErrors)) assert.ok(text.includes(`\`${code}\``), code);
  const reasons = ['bad-signature', 'wrong-nonce', 'unknown-agent', 'expired', 'outdated', 'malformed'];
  for (const reason of reasons) assert.ok(text.includes(`| \`${reason}\` |`), reason);
});
