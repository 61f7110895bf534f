// docs/integrasi/halaman-biasa.md as somebody follows it who has nothing else: its three files, its server, its page, with the real agent.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { ApplicationWorld } from './support/application-world.mjs';
import { Child, mustRun } from './support/child.mjs';
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

/** The scripts of its section about log-ins, and what it says to change for them. */
const [serverLogin, pageLogin] = [...guide.slice(guide.indexOf('## Log-in')).matchAll(/```js\n([^]*?)\n```/g)].map(([, code]) => `${code}\n`);
const loginButton = /`(<button id="login"[^`]*)`/.exec(guide)[1];

/** `text` with one place changed, which must be there. */
function changed(text, from, to) {
  assert.ok(text.includes(from), from);
  return text.replace(from, () => to);
}

function withLogin(name, text) {
  if (name === 'server.mjs') return changed(text, 'createServer({', `${serverLogin}\ncreateServer({`);
  if (name === 'index.html') return changed(text, '<button id="sign"', `${loginButton}\n    <button id="sign"`);
  return changed(changed(text, "show('sign');", "show('login');"), "guard(find, 'again')();", `${pageLogin}guard(find, 'again')();`);
}

const scene = scenes({ of: ApplicationWorld, authentication: true });

/** The reader's folder and server, in the place of the world's application. */
async function follow(world, { name: reader = 'reader', change = (name, text) => text, keys = null } = {}) {
  const folder = world.inside(reader), home = world.inside(`${reader}/home`);
  symlinkSync(world.site.folder, join(home, 'jurukunci-uji'));
  for (const name of ['server.mjs', 'index.html', 'page.js']) writeFileSync(join(folder, name), change(name, fileOf(name)));
  // the guide's page asks the usual ports; here other agents may be on them, and ours is on any
  const page = changed(readFileSync(join(folder, 'page.js'), 'utf8'), "minimumVersion: '0.1.0',", `minimumVersion: '0.1.0', ports: [${world.agent.port}],`);
  writeFileSync(join(folder, 'page.js'), page);
  if (keys) writeFileSync(join(folder, 'agent-keys.json'), JSON.stringify(keys));
  copyFileSync(join(root, 'web/demo/letters/undangan-rapat.pdf'), join(folder, 'surat.pdf'));
  mkdirSync(join(folder, 'node_modules/@jurukunci'), { recursive: true });
  for (const name of ['client', 'server']) symlinkSync(join(root, 'web', name), join(folder, 'node_modules/@jurukunci', name));
  world.application.stop();
  const server = new Child('sh', ['-c', 'cd "$0" && exec "$1" server.mjs', folder, process.execPath], {
    env: { HOME: home, ORIGIN: world.application.origin, KEY: join(world.folder, 'https/server-key.pem'), CERT: join(world.folder, 'https/server.pem') },
  });
  await server.says(/^open /m);
  return { folder, server };
}

scene('A reader enrols the agent and has a letter signed', async (world) => {
  const { folder, server } = await follow(world);
  try {
    const page = await world.chromium.newPage();
    const complaints = [];
    const said = [];
    page.on('console', (one) => one.type() === 'warning' && said.push(one.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    const status = (words) => page.locator('#status', { hasText: words }).waitFor();
    const person = await world.person('yes');
    await page.goto(`${world.application.origin}/`);
    await status('belum didaftarkan');
    await page.locator('#enrol').click();
    await page.locator('#same').click();
    await status('Jurukunci siap');
    const [question] = person.questions;
    assert.equal(question.kind, 'enrolment');
    assert.equal(await page.locator('#code').textContent(), `${question.code.slice(0, 3)} ${question.code.slice(3)}`);
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
    assert.ok(await page.locator('#again').isHidden());
    assert.match(said.at(-1), /^E-DIBATALKAN-PENANDA-TANGAN /);
    await page.reload();
    await status('Jurukunci siap'); // known from now on

    await world.agent.kill();
    await page.locator('#sign').click();
    await page.locator('#again').waitFor();
    assert.match(said.at(-1), /^L-AGEN-TIDAK-TERJANGKAU /);
    await world.agent.startAgain();
    await page.locator('#again').click();
    await status('Jurukunci siap');
    assert.deepEqual(complaints, []);
    await page.close();
  } finally {
    await server.stop();
  }
});

scene('A reader logs in with the token, and the session is that of the person', async (world) => {
  const { origin } = world.application;
  const { server } = await follow(world, { name: 'login', change: withLogin, keys: { jana: [await world.agent.publicKey(origin)] } });
  try {
    const page = await world.chromium.newPage();
    const status = (words) => page.locator('#status', { hasText: words }).waitFor();
    const call = (path, value = null) => page.evaluate(async ([to, body]) =>
      (await fetch(to, { method: 'POST', body: JSON.stringify(body) })).json(), [path, value]);
    await world.person('no');
    await page.goto(`${origin}/`);
    await page.locator('#login').click();
    await status('Anda membatalkan');
    assert.deepEqual(await call('/api/me'), { user: null });

    const person = await world.person('yes');
    const sent = page.waitForRequest('**/api/login');
    await page.locator('#login').click();
    await status('Anda masuk sebagai Jana Kusuma');
    assert.equal(person.questions.at(-1).kind, 'authentication');
    assert.deepEqual(await call('/api/me'), { user: 'jana' });
    await page.locator('#sign').click();
    await status('Surat ditandatangani');

    // the same token a second time
    assert.deepEqual(await call('/api/login', (await sent).postDataJSON()), { ok: false });
    assert.deepEqual(await call('/api/me'), { user: null });
    await page.close();
  } finally {
    await server.stop();
  }
});

scene('The guide’s commands make a site, and one that demands orders', async (world) => {
  const home = world.inside('home'), checkout = world.inside('home/checkout');
  mkdirSync(join(checkout, 'build/dev'), { recursive: true });
  symlinkSync(dirname(program('jurukunci-test-site')), join(checkout, 'build/dev/bin'));
  const shell = (folder, commands) => mustRun('sh', ['-ec', `cd "$0"\n${commands}`, folder], { env: { HOME: home } });
  const [, commands] = /```sh\n\.\/dev setup\n\.\/dev build\n([^]*?)\n\. .*jurukuncid\n```/.exec(guide);
  await shell(checkout, `${commands}\n. ~/jurukunci-uji/site.env\n[ "$JURUKUNCI_SYSCONFDIR" = ~/jurukunci-uji/etc ]\n[ -s ~/jurukunci-uji/pin ]`);

  const [, keys] = /## Orders\n[^]*?```sh\n([^]*?)\n```/.exec(guide);
  const path = (await shell(home, keys)).stdout.trim();
  const [, remove] = /`(rm -r ~\/jurukunci-uji)`/.exec(guide), [, look] = /`(grep order_key [^`]*)`/.exec(guide);
  const make = changed(commands, '--origin https://localhost:8443', `--origin https://localhost:8443 --order-key ${path}`);
  await shell(checkout, `${remove}\n${make}\n${look}`);
});

scene('The guide’s commands name programs and options that exist', async (world) => {
  const named = [...guide.matchAll(/build\/dev\/bin\/([\w-]+)/g)].map(([, name]) => program(name)); // throws for what is not there
  assert.ok(named.length >= 3);
  for (const path of guide.matchAll(/CHECKOUT\/([\w/]+)/g)) assert.ok(existsSync(join(root, path[1])), path[1]);
  assert.ok('pinFile' in world.site);
});
