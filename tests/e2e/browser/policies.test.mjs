// `jurukunci browser-policy` on a machine whose IT staff have policies of their own; then the real browsers with the files that it wrote. Seen to
// fail with a `write` that writes nothing, one that lets every page in, one without --default-deny, an `undo` that leaves all as it is.
import assert from 'node:assert/strict';

import { mustRun } from './support/child.mjs';
import { Display } from './support/display.mjs';
import { Machine } from './support/machine.mjs';
import { scenes } from './support/scenes.mjs';
import { StandIn } from './support/stand-in.mjs';

const standIn = await StandIn.start();
const display = await Display.start();
/** A Chromium there can ask its questions. */
const onDisplay = { headless: false, environment: { DISPLAY: display.name } };
const scene = scenes({
  stranger: true, granted: false, agentPorts: (agent) => [standIn.port, agent], ending: () => { standIn.stop(); display.stop(); },
});

let machines = 0;
const machineOf = (world) => new Machine(world.inside(`machine-${++machines}`), world.site, world.certificate);

/** What the e-office's page says of the agent, in a browser whose page has no locators; `states` are those to wait for. */
async function agentStateIn(browser, origin, ...states) {
  const page = await browser.newPage();
  await page.goto(`${origin}/`);
  const look = (wanted) => {
    const signIn = document.querySelector('[data-testid=sign-in-demo]:not([data-pressed])');
    if (signIn) [signIn.dataset.pressed] = ['', signIn.click()];
    const line = document.querySelector('[data-testid=agent-state]');
    return wanted.includes(line?.dataset.state) && { state: line.dataset.state, words: line.innerText };
  };
  try {
    const { state, words } = await page.waitForFunction(look, states);
    return { state, words, page };
  } catch (error) {
    throw new Error(`${error.message}; it shows ${await page.evaluate(() => document.querySelector('[data-testid=agent-state]')?.outerHTML)}`);
  }
}

const callsFrom = (world, origin) => world.agent.log.split('\n').filter((line) => line.includes(origin));

scene('[55] Policies are merged into what IT staff wrote, and undo leaves the machine byte for byte as it was', async (world) => {
  const machine = machineOf(world);
  const { origin } = world.office, host = new URL(origin).hostname;
  const before = await machine.picture(), theirs = JSON.parse(machine.read(machine.firefoxFile));

  assert.equal((await machine.browserPolicy('check')).code, 1);
  const shown = await machine.browserPolicy('show');
  assert.deepEqual(shown.files.map(({ browser, state }) => [browser, state]),
    [['Chromium', 'missing'], ['Google Chrome', 'missing'], ['Microsoft Edge', 'missing'], ['Firefox', 'different']]);
  assert.equal(await machine.picture(), before, 'show only shows');

  assert.equal((await machine.browserPolicy('write')).code, 0);
  for (const path of machine.ownFiles) assert.deepEqual(JSON.parse(machine.read(path)), { LoopbackNetworkAllowedForUrls: [origin] }, path);
  assert.deepEqual(JSON.parse(machine.read(machine.firefoxFile)),
    { policies: { ...theirs.policies, LocalNetworkAccess: { SkipDomains: [host] } } });
  const written = await machine.picture();
  const added = written.split('\n').map((line) => line.split(' ')).filter(([path]) => path.startsWith('.') && !before.includes(`${path} `));
  assert.deepEqual(added.filter(([, kind]) => kind === 'f').map(([path, , mode]) => [path, mode]),
    [...machine.ownFiles, 'var/lib/jurukunci/browser-policy.json'].sort().map((path) => [`./${path}`, '644']),
    'four files are new, and none is a certificate');
  for (const [path, kind, mode] of added) assert.ok(kind === 'f' || (kind === 'd' && mode === '755'), `${path} ${kind} ${mode}`);
  const { stdout: special } = await mustRun('find', [machine.root, '-perm', '/7022']);
  assert.equal(special, '', 'nothing is setuid, setgid, or writable by others');

  assert.equal((await machine.browserPolicy('check')).code, 0);
  await machine.browserPolicy('write');
  assert.equal(await machine.picture(), written, 'a second time there is nothing to do');
  const { code, restored } = await machine.browserPolicy('undo');
  assert.deepEqual([code, restored.length], [0, 4]);
  assert.equal(await machine.picture(), before);
});

scene('[57] [8] With the written files Chromium lets the listed page call the agent without a question, and keeps another page in', async (world) => {
  const machine = machineOf(world);
  await machine.browserPolicy('write');
  const chromium = await world.browser({ etc: machine.chromium });
  await world.person('yes');
  const { state, words } = await (await world.openPage(world.office, chromium)).agentState();
  assert.equal(state, 'ready', words);
  standIn.forget();
  assert.equal((await (await world.openPage(world.stranger, chromium)).agentState()).state, 'blocked');
  assert.equal(standIn.received, '');
  assert.deepEqual(callsFrom(world, world.stranger.origin), []);
});

scene('[57] [8] With the written files Firefox lets the listed page call the agent without a question; another page waits at the question', async (world) => {
  const machine = machineOf(world);
  await machine.browserPolicy('write');
  const firefox = await world.firefox({ etc: machine.firefox });
  await world.person('yes');
  const { page } = await agentStateIn(firefox, world.office.origin, 'ready');
  await page.close();
  standIn.forget();
  const asked = await agentStateIn(firefox, world.stranger.origin, 'waiting-for-browser', 'ready', 'absent', 'failed');
  assert.equal(asked.state, 'waiting-for-browser', asked.words);
  assert.equal(standIn.received, '');
  assert.deepEqual(callsFrom(world, world.stranger.origin), []);
});

scene('[57] Where the files were undone Chromium asks: the page says so, nothing reaches the agent, and a no is told as a no', async (world) => {
  const machine = machineOf(world);
  await machine.browserPolicy('write');
  await machine.browserPolicy('undo');
  standIn.forget();
  const chromium = await world.browser({ etc: machine.chromium, ...onDisplay });
  const page = await world.openPage(world.office, chromium);
  await page.page.locator('[data-testid=agent-state][data-state=waiting-for-browser]').waitFor();
  assert.match((await page.agentState()).words, /Peramban Anda sedang bertanya/);
  assert.equal(standIn.received, '');

  const protocol = await chromium.context.newCDPSession(page.page);
  await protocol.send('Browser.setPermission', { permission: { name: 'loopback-network' }, setting: 'denied', origin: world.office.origin });
  await page.page.reload();
  const { state, words } = await page.agentState();
  assert.equal(state, 'blocked', words);
  assert.match(words, /Peramban melarang halaman ini/);
  assert.equal(standIn.received, '');
});

scene('[57] Written with --default-deny Chromium refuses another page without asking, and the listed one works', async (world) => {
  const machine = machineOf(world);
  await machine.browserPolicy('write', '--default-deny');
  assert.deepEqual(JSON.parse(machine.read(machine.ownFiles[0])),
    { LoopbackNetworkAllowedForUrls: [world.office.origin], LoopbackNetworkBlockedForUrls: ['*'] });
  const chromium = await world.browser({ etc: machine.chromium, ...onDisplay }); // it could ask
  await world.person('yes');
  const listed = await world.openPage(world.office, chromium);
  await listed.untilReady();
  standIn.forget();
  const { state, words } = await (await world.openPage(world.stranger, chromium)).agentState();
  assert.equal(state, 'blocked', words);
  assert.equal(standIn.received, '');
});

scene('[57] Where the files are missing Firefox asks: the page says so, nothing reaches the agent, and a no is told as a no', async (world) => {
  const firefox = await world.firefox({ etc: machineOf(world).firefox });
  standIn.forget();
  const asked = await agentStateIn(firefox, world.office.origin, 'waiting-for-browser', 'blocked', 'ready', 'absent', 'failed');
  assert.equal(asked.state, 'waiting-for-browser', asked.words);
  assert.match(asked.words, /Peramban Anda sedang bertanya/);
  await asked.page.close();
  await firefox.bidi.call('permissions.setPermission', { descriptor: { name: 'loopback-network' }, state: 'denied', origin: world.office.origin });
  const denied = await agentStateIn(firefox, world.office.origin, 'waiting-for-browser', 'blocked', 'ready', 'absent', 'failed');
  assert.equal(denied.state, 'blocked', denied.words);
  assert.match(denied.words, /Peramban melarang halaman ini/);
  assert.equal(standIn.received, '');
});
