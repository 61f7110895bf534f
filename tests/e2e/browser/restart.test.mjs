// The agent dies in the middle of a batch. What it then tells is what its log says, item by item.
import assert from 'node:assert/strict';

import { until, within } from './support/bounded.mjs';
import { isRunning } from './support/child.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes({ unruly: true, orders: false }); // the page with its sixty copies of one letter asks without the server's word
const count = 60;
const atTheToken = 4; // one that is being signed and three that wait beside it

/** State of each item by the rows of the log: the last word on it counts. */
function itemsByTheLog(rows) {
  const { items } = rows.find(({ kind }) => kind === 'consent').body;
  const states = items.map(() => 'sealed');
  for (const { kind, body } of rows) {
    if (kind === 'started') for (const item of body.items) states[item] = 'unknown';
    if (kind === 'signed') states[body.item] = 'signed';
    if (kind === 'item-failed') states[body.item] = 'failed';
  }
  return states;
}

scene('An agent that is killed during a batch tells afterwards what was signed, what is unknown and what was not reached', async (world) => {
  const person = await world.person('yes');
  const before = await world.audit.head();
  const page = await world.clientPage();
  world.site.misbehave('C_Sign slow');
  await page.beginBatch('nota-dinas', count);
  await until(20_000, 'five are signed', async () => await page.signedSoFar() >= 5);
  await world.agent.kill();
  await world.agent.startAgain(); // and the rows of the log's tail are in the database
  const rows = await world.audit.rows(before);

  const fromTheLog = itemsByTheLog(rows);
  const number = (state) => fromTheLog.filter((one) => one === state).length;
  assert.ok(number('signed') >= 5 && number('sealed') >= 1, `killed at the wrong moment: ${fromTheLog}`);
  assert.equal(number('signed') + number('unknown') + number('sealed'), count);
  assert.ok(number('unknown') <= atTheToken, `more were under way than go to the token at once: ${fromTheLog}`);

  const [operation, ...others] = await page.operations();
  assert.deepEqual(others, []);
  assert.equal(operation.id, rows.find(({ kind }) => kind === 'consent').operation);
  assert.equal(operation.state, 'failed');
  assert.deepEqual(operation.items.map(({ name }) => name), Array.from({ length: count }, (_, i) => `Surat ${i + 1}.pdf`));
  assert.deepEqual(operation.items.map(({ state }) => state), fromTheLog);
  assert.equal(operation.done, number('signed'));
  const codes = { signed: 'E-SUDAH-KEDALUWARSA', unknown: 'E-HASIL-TIDAK-DIKETAHUI', sealed: 'E-BELUM-DIPROSES' };
  for (const { name, state, error } of operation.items) assert.equal(error?.code, codes[state], `${name}, ${state}`);

  // the page that was waiting all the time has found its agent again and been told the same
  const end = await within(20_000, 'the page hears of the end', page.batchEnd());
  assert.deepEqual(end.result.items.map(({ state }) => state), fromTheLog);

  const audit = await world.audit.verdict();
  assert.ok(audit.code === 0 && audit.intact, JSON.stringify(audit));
  const closing = (await world.audit.rows(before)).find(({ kind, operation: id }) => kind === 'end' && id === operation.id).body;
  const numbers = (state) => fromTheLog.flatMap((one, i) => (one === state ? [i] : []));
  assert.deepEqual([closing.state, closing.unknown, closing.notReached], ['interrupted', numbers('unknown'), numbers('sealed')]);

  // what is unknown may have been signed; nothing else was, neither by then nor by itself afterwards
  const calls = world.site.calls('C_Sign');
  assert.ok(calls >= number('signed') && calls <= number('signed') + number('unknown'), `${calls} calls, ${fromTheLog}`);
  assert.equal(person.questions.length, 1);

  await world.agent.kill(); // the next life finds nothing left open
  await world.agent.startAgain();
  assert.equal(world.agent.log.match(/was interrupted/g)?.length, 1, world.agent.log);
});

scene('The workers of an agent that was killed do not outlive it', async (world) => {
  await world.readyPage();
  const { stdout } = await world.site.jurukunci('status', '--json');
  const workers = JSON.parse(stdout).agent.modules.map(({ workerPid }) => workerPid);
  assert.ok(workers.length === 1 && workers.every(isRunning), stdout);
  await world.agent.kill();
  await until(10_000, 'the workers end', () => !workers.some(isRunning));
  await world.agent.startAgain();
});

scene('The agent signs again after it was killed, and the page need not be loaded again', async (world) => {
  await world.person('yes');
  const page = await world.readyPage();
  await world.nobody();
  await world.agent.kill();
  await world.agent.startAgain();
  await world.person('yes');
  await page.sign('undangan-rapat');
  const { result, error } = await page.outcome();
  assert.equal(result?.conclusion, 'valid', `${error?.code}: ${error?.message}`);
});

scene('An agent that is asked to end while a page is open ends in order', async (world) => {
  await world.readyPage();
  await world.agent.stop(10_000); // the page's connection alone would last longer
  await world.agent.startAgain();
});
