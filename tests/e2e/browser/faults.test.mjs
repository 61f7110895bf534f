// Vendors' modules crash and hang. The page is told which, and the next signature works.
import assert from 'node:assert/strict';

import { scenes } from './support/scenes.mjs';

const scene = scenes({ unruly: true });

async function failsThenWorks(world, order, judge) {
  await world.person('yes');
  const before = await world.audit.head();
  const page = await world.readyPage();
  world.site.misbehave(order);
  const pressed = Date.now();
  await page.sign('nota-dinas');
  const { error, result } = await page.outcome(25_000);
  assert.ok(error, `the page shows a result: ${JSON.stringify(result)}`);
  judge(error, (Date.now() - pressed) / 1000);
  assert.equal(world.office.hasSigned('nota-dinas'), false);
  const rows = await world.audit.rows(before);
  assert.deepEqual(rows.map(({ kind }) => kind).filter((kind) => kind !== 'item-failed'), ['consent', 'window', 'started', 'end']);
  assert.equal(rows.at(-1).body.signed, 0);

  world.site.behave();
  await page.sign('nota-dinas');
  const next = await page.outcome();
  assert.equal(next.result?.conclusion, 'valid', `${next.error?.code}: ${next.error?.message}`);
  assert.equal((await world.audit.verdict()).intact, true);
  world.office.forget('nota-dinas');
}

scene('A module that crashes while it signs costs this signature and not the next', async (world) => {
  await failsThenWorks(world, 'C_Sign crash', (error) => {
    assert.equal(error.code, 'E-MODUL-BERHENTI');
    assert.match(error.message, /softhsm/);
  });
});

scene('A module that hangs while it signs is given ten seconds; the page names the call, and the next signature works', async (world) => {
  await failsThenWorks(world, 'C_Sign hang', (error, seconds) => {
    assert.equal(error.code, 'E-TOKEN-TIDAK-MENJAWAB');
    assert.match(error.message, /10 detik \(C_Sign\)/);
    assert.ok(seconds > 9 && seconds < 30, `after ${seconds} s`);
  });
});
