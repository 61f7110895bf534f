// What the page says before there is an agent to sign with, and what the official is to do about it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';

import { violations } from './support/axe.mjs';
import { LetterPage } from './support/letter-page.mjs';
import { scenes } from './support/scenes.mjs';

const servers = [];
const scene = scenes({
  ending: () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  },
});

/** A program on a port: answers hello with this version, from before the protocol that the page speaks, or takes the call and says nothing. */
async function program(version) {
  const server = createServer((request, response) => {
    if (!version) return;
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name: 'jurukunci', version, apiLevel: 0, environment: 'uji' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return server.address().port;
}

/** The page, looking for the agent on these ports. */
async function pageLookingAt(world, ports, { chromium = world.chromium, prepare = '' } = {}) {
  const prepared = {
    newPage: async () => {
      const fresh = await chromium.newPage();
      await fresh.route('**/api/config', (route) =>
        route.fulfill({ json: { agentPorts: ports, tokenLogin: false, orders: true, purpose: 'tte', taskKind: 'persuratan_elektronik' } }),
      );
      if (prepare) await fresh.addInitScript(prepare);
      return fresh;
    },
  };
  return LetterPage.open(prepared, world.office.origin);
}

scene('No agent: the page says how to start it, and that nobody at the counter has to wait for it', async (world) => {
  const page = await pageLookingAt(world, [1024]);
  const { words } = await page.untilState('absent');
  assert.deepEqual(await violations(page.page), []);
  assert.match(words, /Jalankan Jurukunci/);
  assert.match(words, /antrean/);
  assert.match(words, /tidak hilang/);
});

scene('An agent that is too old: the page names both versions and whom to ask', async (world) => {
  const page = await pageLookingAt(world, [await program('0.0.9')]);
  const { words } = await page.untilState('outdated');
  assert.deepEqual(await violations(page.page), []);
  assert.match(words, /0\.0\.9/);
  assert.match(words, /petugas TI/);
});

scene('While the browser asks, the page shows a picture of its question and which answer is meant', async (world) => {
  const page = await pageLookingAt(world, [await program(null)], {
    prepare: "navigator.permissions.query = async () => ({ state: 'prompt' });", // headless there is nobody whom the browser could ask
  });
  const { words } = await page.untilState('waiting-for-browser');
  assert.deepEqual(await violations(page.page), []);
  assert.match(words, /Pilih “Allow”/);
  const picture = page.mark('browser-question');
  assert.ok(await picture.isVisible());
  assert.match(await picture.getAttribute('aria-label'), /Gambar pertanyaan peramban/);
});

scene('Where the browser was told no, the page says where to change that', async (world) => {
  const page = await world.openPage(world.office, await world.browser({ granted: [] }));
  const { words } = await page.untilState('blocked');
  assert.deepEqual(await violations(page.page), []);
  assert.match(words, /di sebelah kiri alamat halaman/);
  await page.mark('agent-retry').click();
  assert.equal((await page.agentState()).state, 'blocked');
});

scene('An agent whose window is closed, and one whose token shows a used-up try, are ready with a word of warning', async (world) => {
  const page = await world.readyPage();
  assert.match((await page.agentState()).words, /jendelanya belum terbuka/);
  await world.person('wrong', 'no');
  await page.sign('nota-dinas');
  await page.untilEnd();
  await page.page.locator('[data-testid=agent-state]', { hasText: 'paling banyak 4' }).waitFor();
});
