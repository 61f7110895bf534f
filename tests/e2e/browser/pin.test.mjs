// A wrong PIN: the token counts it once, the person sees what is left, and nobody types again for them.
import assert from 'node:assert/strict';

import { scenes } from './support/scenes.mjs';

const scene = scenes({ unruly: true });
const letter = 'nota-dinas';

scene('A wrong PIN reaches the token once; the person sees how many tries are left, and may leave it at that', async (world) => {
  const person = await world.person('wrong', 'no');
  const before = await world.audit.head();
  world.site.forgetCalls();
  const page = await world.readyPage();
  await page.sign(letter);
  const { error } = await page.outcome();
  assert.equal(world.site.calls('C_Login'), 1);
  assert.equal(world.site.calls('C_Sign'), 0);

  assert.equal(person.questions.length, 2);
  const [first, second] = person.questions;
  assert.deepEqual([first.triesLeft, first.previousFault], [5, null]);
  assert.equal(second.triesLeft, 4);
  assert.equal(second.previousFault.code, 'E-PASSPHRASE-SALAH');
  assert.match(second.previousFault.userMessage, /Sisa percobaan: 4\./);
  assert.deepEqual(second.items, first.items);

  assert.equal(error.code, 'E-PASSPHRASE-SALAH');
  assert.match(error.message, /Sisa percobaan: 4\./);
  await page.untilWords('agent-state', /pernah salah; sisa percobaan paling banyak 4/);
  assert.equal(world.office.hasSigned(letter), false);
  const kinds = (await world.audit.rows(before)).map(({ kind }) => kind);
  assert.deepEqual(kinds.filter((kind) => ['started', 'signed'].includes(kind)), []);
  assert.ok(kinds.includes('login-refused'), kinds.join());
});

scene('After a wrong PIN the person types the right one: the letter is signed after all, with one consent list', async (world) => {
  const person = await world.person('wrong', 'yes');
  const before = await world.audit.head();
  world.site.forgetCalls();
  const page = await world.readyPage();
  await page.sign(letter);
  const { result, error } = await page.outcome();
  assert.equal(result?.conclusion, 'valid', error?.code);
  assert.equal(world.site.calls('C_Login'), 2);
  assert.equal(world.site.calls('C_Sign'), 1);
  assert.equal(person.questions.length, 2);
  assert.deepEqual((await world.audit.rows(before)).map(({ kind }) => kind),
    ['consent', 'login-refused', 'consent-again', 'window', 'started', 'signed', 'end']);
  assert.equal((await world.audit.verdict()).intact, true);

  const { questions: [{ triesLeft }] } = await freshQuestion(world, page);
  assert.equal(triesLeft, 5, 'the right PIN gives the tries back');
});

async function freshQuestion(world, page) {
  const person = await world.person('no');
  await page.sign('surat-keputusan');
  await page.outcome();
  return person;
}

scene('A person who gave up after a wrong PIN finds nothing left open when the agent starts again', async (world) => {
  await world.person('wrong', 'no');
  const page = await world.readyPage();
  await page.sign('surat-keputusan');
  assert.equal((await page.outcome()).error.code, 'E-PASSPHRASE-SALAH');
  await world.nobody();
  await world.agent.kill();
  await world.agent.startAgain();
  assert.doesNotMatch(world.agent.log, /was interrupted/);
});
