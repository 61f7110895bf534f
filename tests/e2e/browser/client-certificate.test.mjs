// A log-in to a web server with the certificate on the token, in Firefox, through libjurukunci-pkcs11.so: the browser never sees a PIN, and the
// person is told which program asks.
import assert from 'node:assert/strict';

import { pause } from './support/bounded.mjs';
import { LoginWorld } from './support/login-world.mjs';
import { scenes } from './support/scenes.mjs';

// A browser's own dialog for a login on a reader stops everything else in it, so the question comes when the key is used.
const localPrograms = '{allowed: true, operations_per_consent: 20, minutes_per_consent: 5, ask_at: use}';
const sameBreath = 2_100; // gate::Patience::same_breath, and a little
const scene = scenes({ of: LoginWorld, key: 'p256', localPrograms });

scene('After a no there is no connection, and nobody is let in', async (world) => {
  const person = await world.person('no');
  await assert.rejects(world.visit(), /SSL_ERROR_HANDSHAKE_FAILED/);
  assert.ok(person.questions.length >= 1); // Firefox opens a second connection beside the first: in the same breath the no is its answer, too
});

scene('Firefox proves the key on the token to a server, and the consent names Firefox', async (world) => {
  await pause(sameBreath); // what comes right after the no above has its answer
  const before = await world.audit.head();
  const person = await world.person('yes');
  assert.equal(await world.visit(), 'Jana Kusuma');
  assert.equal(person.questions.length, 1);
  assert.match(person.questions[0].application, /firefox/);
  assert.match(person.questions[0].origin, /firefox/);
  await world.audit.until(before, 'use');
});
