// An application that the agent does not know yet, and programs that sit on the ports: enrolment, the proof, and who is passed over.
import assert from 'node:assert/strict';

import { ApplicationWorld } from './support/application-world.mjs';
import { until } from './support/bounded.mjs';
import { scenes } from './support/scenes.mjs';
import { Squatter } from './support/squatter.mjs';

const squatters = [];
const scene = scenes({ of: ApplicationWorld, ending: () => squatters.forEach((one) => one.stop()) });

async function squatter(options) {
  const one = await Squatter.start(options);
  squatters.push(one);
  return one;
}

const agentKey = (world) => world.application.publicKeys[0];

scene('An agent that the application does not know is offered for enrolment, not used', async (world) => {
  const person = await world.person('yes');
  const page = await world.page();
  const found = await page.connect();
  assert.deepEqual(found, { state: 'unenrolled', port: null, agents: [world.agent.port], impostors: [] });
  assert.deepEqual(world.application.verdicts.map(({ reason }) => reason), ['unknown-agent']);
  assert.deepEqual(person.questions, []);
});

scene('A squatter before the agent on the first visit: both are offered, the first has no window, and the person goes on with the second', async (world) => {
  const sitting = await squatter();
  await world.person('yes');
  const page = await world.page([sitting.port, world.agent.port]);
  const { state, agents } = await page.connect();
  assert.equal(state, 'unenrolled');
  assert.deepEqual(agents, [sitting.port, world.agent.port]);
  assert.equal((await page.enrol(agents[0], { same: false })).error.code, 'L-KODE-BERBEDA');
  assert.deepEqual(world.application.publicKeys, []);
  assert.equal((await page.enrol(agents[1])).error, undefined);
  const found = await page.connect();
  assert.equal(found.port, world.agent.port);
  assert.deepEqual(found.impostors, [{ port: sitting.port, reason: 'unknown-agent' }]);
  world.application.publicKeys.length = 0; // the next scenes begin anew
});

scene('The person says no: no key is kept', async (world) => {
  await world.person('no');
  const { codes, error } = await (await world.page()).enrol(world.agent.port);
  assert.equal(codes.length, 1);
  assert.equal(error.code, 'E-DIBATALKAN-PENANDA-TANGAN', JSON.stringify(error));
  assert.deepEqual(world.application.publicKeys, []);
});

scene('The page gives up: the window closes, and the next attempt finds the way free', async (world) => {
  const person = await world.person('silent', 'yes');
  const page = await world.page();
  await page.beginEnrolment(world.agent.port);
  await person.question();
  await page.abortEnrolment();
  const { error } = await page.enrolmentEnd();
  assert.equal(error.name, 'AbortError');
  assert.equal((await person.closing()).reason.code, 'E-DIBATALKAN-APLIKASI');
  assert.deepEqual(world.application.publicKeys, []);
});

scene('The page is closed: the window closes by itself', async (world) => {
  const person = await world.person('silent');
  const page = await world.page();
  await page.beginEnrolment(world.agent.port);
  await person.question();
  await page.close();
  assert.equal((await person.closing(20_000)).reason.code, 'E-HALAMAN-DITUTUP');
});

scene('Page and window show the same six digits, the person agrees, and the server keeps the key and knows the agent from then on', async (world) => {
  const person = await world.person('yes');
  const page = await world.page();
  const before = await world.audit.head();
  const { codes, publicKey, error } = await page.enrol(world.agent.port);
  assert.equal(error, undefined, JSON.stringify(error));
  const [question] = person.questions;
  assert.equal(question.kind, 'enrolment');
  assert.equal(question.origin, world.application.origin);
  assert.deepEqual(codes, [question.code]);
  assert.match(question.code, /^\d{6}$/);
  assert.deepEqual(world.application.publicKeys, [publicKey]);
  assert.ok((await world.audit.rows(before)).some(({ kind }) => kind === 'enrolment'));

  const found = await page.connect();
  assert.deepEqual(found, { state: 'ready', port: world.agent.port, agents: [], impostors: [] });
  assert.equal(person.questions.length, 1); // a session asks nobody
});

scene('A convincing squatter on an earlier port is passed over and named, and gets nothing but a nonce', async (world) => {
  const sitting = await squatter();
  const page = await world.page([sitting.port, world.agent.port]);
  const found = await page.connect();
  assert.deepEqual(found, { state: 'ready', port: world.agent.port, agents: [], impostors: [{ port: sitting.port, reason: 'unknown-agent' }] });
  assert.deepEqual(sitting.asked, ['GET /v1/hello', 'POST /v1/session']);
  assert.deepEqual(Object.keys(sitting.calls.at(-1).body), ['nonce']);
});

scene('A squatter that shows the agent’s own public key is found out by its signature', async (world) => {
  const sitting = await squatter({ pretends: agentKey(world) });
  const found = await (await world.page([sitting.port, world.agent.port])).connect();
  assert.equal(found.state, 'ready');
  assert.deepEqual(found.impostors, [{ port: sitting.port, reason: 'bad-signature' }]);
});

scene('Squatters on all ports: the page has no agent, names them all, and shows them no document', async (world) => {
  const sitting = [];
  for (let i = 0; i < 5; i++) sitting.push(await squatter({ pretends: agentKey(world) }));
  const found = await (await world.page(sitting.map(({ port }) => port))).connect();
  assert.deepEqual(found, { state: 'absent', port: null, agents: [], impostors: sitting.map(({ port }) => ({ port, reason: 'bad-signature' })) });
  for (const one of sitting) assert.deepEqual(one.asked, ['GET /v1/hello', 'POST /v1/session']);
});

scene('A squatter that calls itself confirmed is not enrolled: no window showed its code, and the person says so in the page', async (world) => {
  const sitting = await squatter();
  const person = await world.person('yes');
  const page = await world.page([sitting.port]);
  const known = [...world.application.publicKeys];
  const { codes, error } = await page.enrol(sitting.port, { same: false });
  assert.equal(error.code, 'L-KODE-BERBEDA', JSON.stringify(error));
  assert.equal(codes.length, 1);
  assert.deepEqual(person.questions, []);
  assert.deepEqual(world.application.publicKeys, known);
  assert.deepEqual(world.application.verdicts, []); // the server was not even asked
});

scene('An agent that was started again is known by the same key', async (world) => {
  await world.agent.kill();
  await world.agent.startAgain();
  const found = await (await world.page()).connect();
  assert.equal(found.state, 'ready');
  await until(2_000, 'the server has judged', () => world.application.verdicts.some(({ ok }) => ok));
});
