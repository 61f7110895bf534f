// The first use of a certificate, asked for by a page in a real browser: the owner reads the city's duties and agreement before anything else.
import assert from 'node:assert/strict';

import { ApplicationWorld } from './support/application-world.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes({ of: ApplicationWorld, orders: true, more: ['--first-use', '--authentication', '--raw'] });

scene('A page whose person does not say that they know the duties is told so, with the city’s article, and nothing is signed', async (world) => {
  const page = await world.connectedPage();
  const person = await world.person('no');
  const { error } = await page.login();
  assert.equal(error.code, 'E-EDUKASI-BELUM', JSON.stringify(error));
  const [question, ...more] = person.questions;
  assert.equal(question.kind, 'first_use');
  assert.deepEqual(question.notice.parts.map(({ part }) => part), ['duties', 'agreement']);
  assert.match(question.notice.parts[0].text.id, /Rahasiakan kunci privat.*\(Pasal 19 huruf e\)/);
  assert.equal(question.triesLeft, undefined);
  assert.equal(more.length, 0);
});

scene('A person who has read them is asked once, and the page gets what it asked for', async (world) => {
  const page = await world.connectedPage();
  const person = await world.person('yes');
  for (let turn = 0; turn < 2; ++turn) {
    const { verdict, error } = await page.login();
    assert.equal(error, undefined, JSON.stringify(error));
    assert.equal(verdict.ok, true);
  }
  assert.deepEqual(person.questions.map(({ kind }) => kind), ['first_use', 'authentication', 'authentication']);
});
