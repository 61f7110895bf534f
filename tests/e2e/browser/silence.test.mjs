// A city whose question stays open for eight seconds: soon over for who waits for nothing, long enough for who answers on a busy computer.
import assert from 'node:assert/strict';

import { scenes } from './support/scenes.mjs';

const scene = scenes({ seconds: 8 });

scene('A question that nobody answers is closed in time, and nothing is signed', async (world) => {
  const person = await world.person('silent');
  const before = await world.audit.head();
  const page = await world.readyPage();
  const begun = Date.now();
  await page.sign('nota-dinas');
  const { id, deadlineSeconds } = await person.question();
  assert.equal(deadlineSeconds, 8);
  const { closed, reason } = await person.closing(30_000);
  const seconds = (Date.now() - begun) / 1000;
  assert.equal(closed, id);
  assert.equal(reason.code, 'E-TIDAK-ADA-JAWABAN');
  assert.ok(seconds >= 7.9, `closed after ${seconds} s`);

  const { error } = await page.outcome();
  assert.equal(error.code, 'E-TIDAK-ADA-JAWABAN');
  assert.match(error.message, /8 detik/);
  assert.equal(world.office.hasSigned('nota-dinas'), false);
  assert.deepEqual((await world.audit.rows(before)).map(({ kind, body }) => [kind, body.error?.code]), [['refused', 'E-TIDAK-ADA-JAWABAN']]);
});

scene('After a question without an answer the next one is asked and can be agreed to', async (world) => {
  await world.person('silent', 'yes');
  const page = await world.readyPage();
  await page.sign('nota-dinas');
  assert.equal((await page.outcome(30_000)).error.code, 'E-TIDAK-ADA-JAWABAN');
  await page.sign('nota-dinas');
  assert.equal((await page.outcome()).result?.conclusion, 'valid');
});
