// docs/integrasi/halaman-biasa.md as somebody follows it who has nothing else: its three files, its server, its page, with the real agent.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, symlinkSync, mkdirSync, writeFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';

import { ApplicationWorld } from './support/application-world.mjs';
import { Child } from './support/child.mjs';
import { pdfsig } from './support/judges.mjs';
import { program, root } from './support/places.mjs';
import { scenes } from './support/scenes.mjs';

const guide = readFileSync(join(root, 'docs/integrasi/halaman-biasa.md'), 'utf8');

/** The file that the guide names right before the block. */
function fileOf(name) {
  const found = new RegExp(`\`${name.replace('.', '\\.')}\`:\n\n\`\`\`\\w+\n([^]*?)\n\`\`\``).exec(guide);
  assert.ok(found, `the guide has no ${name}`);
  return `${found[1]}\n`;
}

const scene = scenes({ of: ApplicationWorld });

/** The reader's folder and server, in the place of the world's application. */
async function follow(world) {
  const folder = world.inside('reader');
  for (const name of ['server.mjs', 'index.html', 'page.js']) writeFileSync(join(folder, name), fileOf(name));
  copyFileSync(join(root, 'web/demo/letters/undangan-rapat.pdf'), join(folder, 'surat.pdf'));
  mkdirSync(join(folder, 'node_modules/@jurukunci'), { recursive: true });
  for (const name of ['client', 'server']) symlinkSync(join(root, 'web', name), join(folder, 'node_modules/@jurukunci', name));
  world.application.stop();
  const server = new Child('sh', ['-c', 'cd "$0" && exec "$1" server.mjs', folder, process.execPath], {
    env: { ORIGIN: world.application.origin, KEY: join(world.folder, 'https/server-key.pem'), CERT: join(world.folder, 'https/server.pem') },
  });
  await server.says(/^open /m);
  return { folder, server };
}

scene('A reader enrols the agent and has a letter signed', async (world) => {
  const { folder, server } = await follow(world);
  try {
    const page = await world.chromium.newPage();
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    // the guide's page asks the usual ports; here other agents may be on them, and ours is on any
    await page.route('**/page.js', async (route) => {
      const text = fileOf('page.js').replace("minimumVersion: '0.1.0',", `minimumVersion: '0.1.0', ports: [${world.agent.port}],`);
      await route.fulfill({ contentType: 'text/javascript', body: text });
    });
    const status = (words) => page.locator('#status', { hasText: words }).waitFor();
    const person = await world.person('yes');
    await page.goto(`${world.application.origin}/`);
    await status('belum didaftarkan');
    await page.locator('#enrol').click();
    await page.locator('#same').click();
    await status('Jurukunci siap');
    const [question] = person.questions;
    assert.equal(question.kind, 'enrolment');
    assert.equal(await page.locator('#code').textContent(), question.code);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(join(folder, 'agent-keys.json'), 'utf8'))), ['jana']);

    const arrives = page.waitForEvent('download');
    await page.locator('#sign').click();
    await status('Surat ditandatangani');
    await page.locator('#signed').click();
    const signed = join(folder, 'surat-ttd.pdf');
    await (await arrives).saveAs(signed);
    const verdict = await pdfsig(signed);
    assert.equal(verdict.signatures, 1, verdict.text);
    assert.equal(verdict.valid, true, verdict.text);
    assert.match(await page.locator('#status').textContent(), /TOKEN UJI/);

    await world.person('no');
    await page.locator('#sign').click();
    await status('Anda membatalkan');
    await page.locator('#sign').waitFor();
    await page.reload();
    await status('Jurukunci siap'); // known from now on
    assert.deepEqual(complaints, []);
    await page.close();
  } finally {
    await server.stop();
  }
});

scene('The guide’s commands name programs and options that exist', async (world) => {
  const named = [...guide.matchAll(/build\/dev\/bin\/([\w-]+)/g)].map(([, name]) => program(name)); // throws for what is not there
  assert.ok(named.length >= 3);
  for (const path of guide.matchAll(/CHECKOUT\/([\w/]+)/g)) assert.ok(existsSync(join(root, path[1])), path[1]);
  assert.ok('pinFile' in world.site);
});
