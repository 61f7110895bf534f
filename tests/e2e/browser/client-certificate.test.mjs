// A log-in to a web server with the certificate on the token, in Firefox, through libjurukunci-pkcs11.so: the browser never sees a PIN, and the
// person is told which program asks.
import assert from 'node:assert/strict';

import { LoginWorld } from './support/login-world.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes({ of: LoginWorld, key: 'p256', localPrograms: '{allowed: true, operations_per_consent: 20, minutes_per_consent: 5}' });

scene('Firefox proves the key on the token to a server, and the consent names Firefox', async (world) => {
  const before = await world.audit.head();
  const person = await world.person('yes');
  assert.equal(await world.visit(), 'Jana Kusuma');
  assert.equal(person.questions.length, 1);
  assert.match(person.questions[0].application, /firefox/);
  assert.match(person.questions[0].origin, /firefox/);
  const kinds = (await world.audit.rows(before)).map(({ kind }) => kind);
  assert.ok(kinds.includes('consent') && kinds.includes('use'), kinds.join());
});
