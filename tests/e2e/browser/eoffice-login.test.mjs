// The first visit: the official makes the agent of this computer known by comparing a code, and logs in with the token.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';

import { scenes } from './support/scenes.mjs';
import { violations } from './support/axe.mjs';
import { LetterPage } from './support/letter-page.mjs';

/** Speaks like an agent, with a key of its own; it stands before the real one. */
const impostor = createServer((request, response) => {
  const { origin = '*' } = request.headers;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-headers', 'content-type');
  response.setHeader('access-control-allow-private-network', 'true');
  response.setHeader('content-type', 'application/json');
  if (request.method === 'OPTIONS') return response.end();
  if (request.url === '/v1/hello') return response.end(JSON.stringify({ name: 'jurukunci', version: '0.1.0', apiLevel: 1, environment: 'uji' }));
  const proof = { algorithm: 'Ed25519', publicKey: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=', signature: 'A'.repeat(86) + '==' };
  return response.end(JSON.stringify({ token: 'A'.repeat(43), expiresAt: '2999-01-01T00:00:00Z', proof }));
});
await new Promise((resolve) => {
  impostor.listen(0, '127.0.0.1', resolve);
});
const impostorPort = impostor.address().port;

const scene = scenes({
  enrolled: false,
  authentication: true,
  agentPorts: (agent) => [agent, impostorPort],
  ending: () => {
    impostor.closeAllConnections();
    impostor.close();
  },
});

async function visit(world) {
  await world.chromium.context.clearCookies();
  const page = await LetterPage.open(world.chromium, world.office.origin, { signIn: false });
  await page.mark('sign-in').waitFor();
  return page;
}

scene('On the first visit the e-office does not know the agent, and whoever says that the codes differ leaves it so', async (world) => {
  const person = await world.person('no');
  const page = await visit(world);
  assert.match((await page.untilState('unenrolled')).words, /belum mengenal Jurukunci di komputer ini/);
  await page.mark('enrol').click();
  const question = await person.question();
  assert.equal(question.kind, 'enrolment');
  await page.mark('enrol-error').waitFor();
  assert.deepEqual(world.office.knownKeys, []);
});

scene('Page and window show the same six digits, and “Tidak sama” on the page closes the window', async (world) => {
  const person = await world.person('silent');
  const page = await visit(world);
  await page.untilState('unenrolled');
  await page.mark('enrol').click();
  const { code } = await person.question();
  await page.mark('pairing-code').waitFor();
  assert.equal(await page.mark('pairing-code').innerText(), `${code.slice(0, 3)} ${code.slice(3)}`);
  assert.deepEqual(await violations(page.page), []);
  await page.mark('enrol-differs').click();
  assert.equal((await person.closing()).reason.code, 'E-DIBATALKAN-APLIKASI');
  await page.mark('enrol-error').waitFor();
  assert.equal(await page.mark('enrol-error').getAttribute('data-code'), 'L-KODE-BERBEDA');
  assert.deepEqual(world.office.knownKeys, []);
});

scene('Once they agree in both places the e-office knows this agent, also on the next visit, and another program on a port is refused', async (world) => {
  const person = await world.person('yes');
  const page = await visit(world);
  await page.untilState('unenrolled');
  await page.mark('enrol').click();
  await person.question();
  await page.mark('enrol-same').waitFor();
  assert.deepEqual(world.office.knownKeys, [], 'the yes in the window alone is not enough');
  await page.mark('enrol-same').click();
  await page.untilState('ready');
  assert.deepEqual(world.office.knownKeys, [await world.agent.publicKey(world.office.origin)]);
  await page.page.reload();
  await page.untilReady();
});

scene('The token logs the official in, without a password, and the session is theirs', async (world) => {
  const person = await world.person('yes');
  const before = await world.audit.head();
  const page = await visit(world);
  await page.untilReady();
  await page.mark('sign-in-token').click();
  await page.mark('user').waitFor();
  assert.match(await page.mark('user').innerText(), /Jana Kusuma/);
  assert.equal(await page.mark('user').getAttribute('data-how'), 'token');
  assert.equal(person.questions.at(-1).kind, 'authentication');
  assert.ok((await world.audit.rows(before)).length > 0, 'the log has the login');
  await page.sign('nota-dinas');
  assert.equal((await page.outcome()).result?.conclusion, 'valid');

  await page.page.reload();
  await page.mark('user').waitFor();
  await page.mark('sign-out').click();
  await page.mark('sign-in').waitFor();
  const { status } = await page.page.evaluate(async () => ({ status: (await fetch('/api/letters')).status }));
  assert.equal(status, 401);
});

scene('A person who does not want to log in is not logged in', async (world) => {
  await world.person('no');
  const page = await visit(world);
  await page.untilReady();
  await page.mark('sign-in-token').click();
  await page.mark('error').waitFor();
  assert.equal(await page.mark('error').getAttribute('data-code'), 'E-DIBATALKAN-PENANDA-TANGAN');
  assert.equal(await page.mark('user').count(), 0);
});

scene('A program that took the agent’s place is called what it is, and nobody is asked to type anything', async (world) => {
  const page = await visit(world);
  await page.untilReady();
  await world.agent.kill();
  try {
    await page.page.reload();
    const { words } = await page.untilState('untrusted');
    assert.match(words, /bukan Jurukunci yang dikenal/);
    assert.match(words, /Jangan mengetik passphrase/);
    assert.deepEqual(await violations(page.page), []);
    await page.mark('sign-in-token').click();
    assert.equal((await page.agentState()).state, 'untrusted');
    assert.equal(await page.mark('user').count(), 0);
  } finally {
    await world.agent.startAgain();
  }
});
