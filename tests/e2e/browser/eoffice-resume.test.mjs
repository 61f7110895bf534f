// What began as one signing of sixty goes on, whatever becomes of the page, the browser, or the agent, and nothing is signed or stored twice.
import assert from 'node:assert/strict';

import { pause, until } from './support/bounded.mjs';
import { LetterPage } from './support/letter-page.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes({ unruly: true });

async function beginSixty(world, page, step = 'yes') {
  const person = await world.person(step);
  world.site.forgetCalls();
  const chosen = await page.choose(60);
  world.site.misbehave('C_Sign slow');
  await page.signChosen();
  return { person, chosen, received: { ...world.office.received } };
}

/** Each of these came once since then, and nothing else did. */
/** `onTheWay`: letters that a page was sending when it went; the next page cannot know whether they arrived, and the server keeps the first. */
function cameOnce(world, before, letters, { onTheWay = 0 } = {}) {
  const came = Object.fromEntries(
    Object.entries(world.office.received)
      .map(([id, times]) => [id, times - (before[id] ?? 0)])
      .filter(([, times]) => times > 0),
  );
  assert.deepEqual(Object.keys(came).sort(), [...letters].sort());
  const again = Object.values(came).reduce((sum, times) => sum + times - 1, 0);
  assert.ok(again <= onTheWay, `${again} came again: ${JSON.stringify(came)}`);
}

scene('A page that is loaded again in the middle finds its signing, and brings what is still to come', async (world) => {
  world.office.forgetAll();
  const page = await world.readyPage();
  const { person, chosen, received } = await beginSixty(world, page);
  await page.untilNumber(10, 'signed', 'stored');
  await page.page.reload();
  await page.page.locator('#run-title', { hasText: /Melanjutkan penandatanganan 60 surat dari pukul/ }).waitFor();
  world.site.behave();
  await page.untilEnd(40_000);
  assert.deepEqual(await page.summary(), { stored: 60 }, await page.mark('result').innerText());
  assert.equal(person.questions.length, 1);
  assert.equal(world.site.calls('C_Sign'), 60);
  cameOnce(world, received, chosen, { onTheWay: 3 });
});

scene('A browser that is killed after forty of sixty: the next one shows all sixty, brings what is missing, and none comes twice', async (world) => {
  const folder = world.inside('chromium-killed');
  const first = await world.browser({ folder });
  world.office.forgetAll();
  const page = await world.readyPage(first);
  const { person, chosen, received } = await beginSixty(world, page);
  await page.untilNumber(40, 'signed', 'stored');
  await page.untilNumber(20, 'stored');
  await first.kill();
  const stored = chosen.filter((id) => world.office.hasSigned(id)).length;
  assert.ok(stored >= 20 && stored < 60, `${stored} were stored when the browser died`);

  const again = await world.readyPage(await world.browser({ folder: world.inside('chromium-after') }));
  world.site.behave();
  await again.untilEnd(40_000);
  assert.deepEqual(await again.summary(), { stored: 60 });
  assert.match(await again.mark('result').innerText(), /Penandatanganan ini dimulai pukul .* dan terputus dari halamannya/);
  assert.equal(person.questions.length, 1);
  assert.equal(world.site.calls('C_Sign'), 60);
  cameOnce(world, received, chosen, { onTheWay: 3 });

  const looked = again.page.waitForResponse('**/api/batches');
  await again.page.reload(); // what has ended is not brought up again
  await looked;
  assert.equal(await again.mark('result').count(), 0);
});

scene('A token that fails in the middle: what was signed is kept, and what remains is signed with a new consent', async (world) => {
  world.office.forgetAll();
  const page = await world.readyPage();
  const { person, chosen, received } = await beginSixty(world, page);
  await page.untilNumber(20, 'signed', 'stored');
  world.site.misbehave('C_Sign crash');
  await page.untilEnd(40_000);
  const { stored, unknown = 0, failed = 0, 'not-reached': rest = 0, ...others } = await page.summary();
  assert.deepEqual(others, {});
  assert.ok(stored >= 20 && rest > 0, JSON.stringify(await page.summary()));
  assert.equal(stored + unknown + failed + rest, 60);
  assert.match(await page.mark('reason').innerText(), /softhsm|token|modul/i);
  assert.match(await page.mark('number-not-reached').innerText(), /belum sampai ke token; tidak ditandatangani/);
  world.site.behave();
  if (unknown > 0) await page.mark('include-uncertain').check();
  assert.match(await page.mark('sign-remaining').innerText(), new RegExp(`${60 - stored} surat yang tersisa`));
  await page.mark('sign-remaining').click();
  await page.page.locator('[data-testid=progress]').waitFor();
  await page.untilEnd(40_000);
  assert.deepEqual(await page.summary(), { stored: 60 - stored });
  assert.deepEqual(
    person.questions.map(({ items }) => items.length),
    [60, 60 - stored],
  );
  cameOnce(world, received, chosen);
});

scene(
  'An agent that is killed in the middle: the page tells what is stored, unknown, lost and not reached, and leaves the doubtful to the person',
  async (world) => {
    world.office.forgetAll();
    const page = await world.readyPage();
    const { chosen, received } = await beginSixty(world, page);
    await page.untilNumber(15, 'stored');
    await world.agent.kill();
    world.site.behave();
    await world.agent.startAgain();
    const person = await world.person('yes');
    await page.untilEnd(40_000);
    const stored = chosen.filter((id) => world.office.hasSigned(id)).length; // what the page had in hand when the agent went, too
    const said = await page.summary();
    assert.equal(said.stored, stored);
    const doubtful = (said.unknown ?? 0) + (said.lost ?? 0),
      rest = said['not-reached'] ?? 0;
    assert.equal(stored + doubtful + rest + (said.failed ?? 0), 60, JSON.stringify(said));
    assert.ok(rest > 0 && doubtful > 0, JSON.stringify(said));
    const states = await page.items();
    assert.deepEqual(chosen.filter((id) => states[id] === 'stored').length, stored);

    // without their word only what was certainly not signed is signed
    assert.equal(await page.mark('include-uncertain').isChecked(), false);
    await page.mark('sign-remaining').click();
    await page.page.locator('[data-testid=progress]').waitFor();
    await page.untilEnd(40_000);
    assert.deepEqual(await page.summary(), { stored: rest });
    assert.deepEqual(
      person.questions.map(({ items }) => items.length),
      [rest],
    );
    const doubted = chosen.filter((id) => states[id] === 'unknown' || states[id] === 'lost');
    for (const id of doubted) assert.equal(world.office.hasSigned(id), false, `${id} is ${states[id]}`);
    cameOnce(
      world,
      received,
      chosen.filter((id) => !doubted.includes(id)),
    );
  },
);

scene(
  'Two tabs: the second shows the signing of the first, does not begin another of the same letters, and takes over when the first goes',
  async (world) => {
    world.office.forgetAll();
    const first = await world.readyPage();
    const second = await world.readyPage();
    await second.untilLooked(); // and found nothing
    const { person, chosen, received } = await beginSixty(world, first);
    await first.untilNumber(5, 'signed', 'stored');
    for (const id of chosen.slice(-3)) await second.mark(`select-${id}`).check(); // it does not know of the other yet
    await second.signChosen();
    await second.page.getByTestId('error').waitFor();
    assert.equal(await second.mark('error').getAttribute('data-code'), 'S-SEDANG-DITANDATANGANI');
    await second.mark('agent-retry').click(); // as coming back to the window would
    await second.mark('progress').waitFor();
    const watching = async () => /Sedang berjalan di jendela lain/.test(await second.mark('sentence').innerText());
    await until(20_000, 'the second says that another window carries it', watching);
    await second.untilNumber(10, 'signed', 'stored');
    await first.close();
    await until(
      20_000,
      'the second takes over',
      async () =>
        !/jendela lain/.test(
          await second
            .mark('sentence')
            .innerText()
            .catch(() => ''),
        ),
    );
    world.site.behave();
    await second.untilEnd(40_000);
    assert.deepEqual(await second.summary(), { stored: 60 });
    assert.equal(person.questions.length, 1);
    cameOnce(world, received, chosen, { onTheWay: 3 });
  },
);

scene('A page whose letters are not there yet does not take a signing for an empty one', async (world) => {
  world.office.forgetAll();
  const first = await world.readyPage();
  await world.person('yes');
  const chosen = await first.choose(20);
  world.site.misbehave('C_Sign slow');
  await first.signChosen();
  await first.untilNumber(3, 'signed', 'stored');
  await first.close();
  await world.chromium.context.clearCookies();
  const again = await LetterPage.open(world.chromium, world.office.origin, { signIn: false });
  await again.untilReady();
  let arrive;
  const arrived = new Promise((resolve) => { arrive = resolve; });
  await again.page.route('**/api/letters', async (route) => { await arrived; await route.continue(); });
  await again.signInForDemo();
  const asked = again.page.waitForResponse('**/api/batches').catch(() => null);
  await again.page.evaluate(() => window.dispatchEvent(new Event('focus'))); // as who comes back to the window
  await Promise.race([asked, pause(2_000)]);
  arrive();
  world.site.behave();
  await again.untilEnd(40_000);
  assert.deepEqual(await again.summary(), { stored: chosen.length });
  await again.close();
});

scene('A page that went away before it asked the agent leaves its letters free again', async (world) => {
  world.office.forgetAll();
  const page = await world.readyPage();
  await world.person('yes');
  let held = true;
  await page.page.route('**/api/batches/*/order', (route) => (held ? undefined : route.continue())); // the order does not come
  await page.choose(2);
  const ordering = page.page.waitForRequest('**/api/batches/*/order');
  await page.signChosen();
  await ordering; // the progress is shown before the server has the list
  await page.page.reload();
  held = false;
  await page.mark('forgotten').waitFor();
  assert.match(await page.mark('forgotten').innerText(), /tidak ada yang ditandatangani/);
  await page.mark('release').click();
  await page.choose(2);
  await page.signChosen();
  await page.untilEnd();
  assert.deepEqual(await page.summary(), { stored: 2 });
});
