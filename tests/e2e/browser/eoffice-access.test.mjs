// For everybody: without a mouse, by ear, in English, on a phone-sized window.
import assert from 'node:assert/strict';

import { violations } from './support/axe.mjs';
import { until } from './support/bounded.mjs';
import { LetterPage } from './support/letter-page.mjs';
import { scenes } from './support/scenes.mjs';

const scene = scenes({ authentication: true });
const phone = { width: 360, height: 740 };

/** Visits every view and calls `look` in each. */
async function everyView(world, { width, height }, look) {
  world.office.forgetAll();
  await world.chromium.context.clearCookies();
  const page = await LetterPage.open(world.chromium, world.office.origin, { signIn: false });
  await page.page.setViewportSize({ width, height });
  await page.mark('sign-in').waitFor();
  await page.untilReady();
  await look(page, 'sign-in');
  await page.signInForDemo();
  await page.mark('letter-nota-dinas').waitFor();
  await look(page, 'inbox');
  await page.choose(4);
  await look(page, 'chosen');
  await world.person('silent');
  await page.signChosen();
  await page.untilPhase('waiting_consent');
  await look(page, 'waiting');
  await page.cancel();
  await page.mark('error').waitFor();
  await look(page, 'cancelled');
  await page.mark('close-run').click();
  await world.person('reject:1');
  await page.signChosen();
  await page.untilEnd();
  await look(page, 'result of several');
  await page.mark('close-run').click();
  await page.sign('surat-tugas-1');
  await page.untilEnd();
  await look(page, 'result of one');
  await page.mark('to-verify').click();
  await page.mark('verify-letter').selectOption({ index: 1 });
  await page.mark('verify-report').waitFor();
  await look(page, 'report');
  await page.close();
}

for (const [name, size] of [
  ['desktop', { width: 1280, height: 900 }],
  ['phone', phone],
]) {
  scene(`axe finds nothing wrong with any view on a ${name}`, async (world) => {
    await everyView(world, size, async ({ page }, view) => assert.deepEqual(await violations(page), [], view));
  });
}

scene('In a window of 360 pixels nothing has to be scrolled sideways, and what is pressed is large enough for a thumb', async (world) => {
  await everyView(world, phone, async ({ page }, view) => {
    const { wide, small } = await page.evaluate(() => {
      const seen = (element) =>
        element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden' && element.getBoundingClientRect().right > 0;
      const inText = (element) => element.matches('h2 a');
      return {
        wide: document.documentElement.scrollWidth,
        small: [...document.querySelectorAll('button, a[href], select, input:not([type=checkbox]), label.tick, label.tick-all')]
          .filter((one) => seen(one) && !inText(one))
          .map((one) => ({
            what: one.dataset.testid ?? one.textContent.trim() ?? one.tagName,
            height: Math.round(one.getBoundingClientRect().height),
          }))
          .filter(({ height }) => height < 40),
      };
    });
    assert.ok(wide <= 360, `${view} is ${wide} pixels wide`);
    assert.deepEqual(small, [], view);
  });
});

/**
 * Presses Tab once, and waits until the focus has arrived: into the PDF viewer and out of it goes by way of other processes. A viewer that is
 * still starting may let it go on the way; then it is with nothing (the body), and the next Tab goes on from where it was.
 */
async function tab(page) {
  const arrived = (where) => page.waitForFunction(where, null, { timeout: 1_000 }).catch(() => {});
  const inside = await page.evaluate(() => document.activeElement.tagName === 'IFRAME');
  await page.keyboard.press('Tab');
  await arrived(() => document.activeElement !== document.body);
  if (inside) await arrived(() => document.activeElement.tagName !== 'IFRAME'); // it may have stops of its own, and then it keeps the focus
}

/** Presses Tab until the focus is on this mark; answers what was passed. */
async function tabTo(page, mark, most = 60) {
  for (let i = 0; i < most; i++) {
    await tab(page);
    const { here, ring } = await page.evaluate(() => {
      const ringed = document.activeElement.closest('aside') ?? document.activeElement; // the viewer inside draws its own
      const { outlineStyle, outlineWidth } = getComputedStyle(ringed);
      return {
        here: document.activeElement.dataset.testid ?? document.activeElement.outerHTML.slice(0, 200),
        ring: document.activeElement === document.body || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2),
      };
    });
    assert.ok(ring, `the focus on ${here} is not to be seen`);
    if (here === mark) return;
  }
  throw new Error(`Tab does not lead to ${mark}`);
}

/** Presses a key where the focus is; says at once if it went elsewhere. */
async function press(page, key, mark) {
  await page.evaluate(() => {
    addEventListener('keydown', ({ target }) => { globalThis.struck = target.dataset.testid; }, { capture: true, once: true });
  });
  await page.keyboard.press(key);
  assert.equal(await page.evaluate(() => globalThis.struck), mark, `where ${key} went`);
}

const focused = (page) => page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.id);

scene('Everything can be done with the keyboard alone, the focus is always to be seen and goes where the news is', async (world) => {
  world.office.forgetAll();
  await world.chromium.context.clearCookies();
  const letterPage = await LetterPage.open(world.chromium, world.office.origin, { signIn: false });
  const { page } = letterPage;
  await letterPage.untilReady();
  await tabTo(page, 'sign-in-demo');
  await press(page, 'Enter', 'sign-in-demo');
  await letterPage.mark('letter-nota-dinas').waitFor();
  assert.equal(await focused(page), 'title', 'a new view begins at its heading');
  await page.locator('aside iframe:not([tabindex])').waitFor(); // the viewer is there
  await tabTo(page, 'search');
  await page.keyboard.type('nota dinas');
  const rows = page.locator('[data-testid=inbox] .letter');
  assert.ok((await rows.count()) >= 3);
  await tabTo(page, await rows.nth(0).locator('input').getAttribute('data-testid'));
  await page.keyboard.press('Space');
  await tabTo(page, await rows.nth(2).locator('input').getAttribute('data-testid'));
  await page.keyboard.press('Shift+Space');
  assert.equal(await letterPage.mark('selected-count').getAttribute('data-number'), '3', 'Shift and the space bar choose a range');
  await world.person('silent');
  await tabTo(page, 'sign-selected', 120);
  await press(page, 'Enter', 'sign-selected');
  await letterPage.untilPhase('waiting_consent');
  assert.equal(await focused(page), 'progress');
  await tabTo(page, 'cancel');
  await press(page, 'Enter', 'cancel');
  await letterPage.mark('error').waitFor();
  assert.equal(await focused(page), 'error');
  await tabTo(page, 'close-run');
  await press(page, 'Enter', 'close-run');
  assert.equal(await focused(page), 'letters');
  await world.person('yes');
  await tabTo(page, 'sign-selected', 200);
  await press(page, 'Enter', 'sign-selected');
  await letterPage.untilEnd();
  assert.deepEqual(await letterPage.summary(), { stored: 3 });
  assert.equal(await focused(page), 'result');
});

scene('A letter that is not there yet is passed over by Tab, and can be reached when it is', async (world) => {
  world.office.forgetAll();
  const letterPage = await LetterPage.open(world.chromium, world.office.origin);
  const { page } = letterPage;
  let arrive;
  const arrived = new Promise((resolve) => { arrive = resolve; });
  await page.route('**/api/letters/*/file', async (route) => { await arrived; await route.continue(); });
  await page.reload();
  await page.locator('aside iframe').waitFor();
  await letterPage.choose(1);
  const passed = async () => {
    const last = page.locator('[data-testid=inbox] .letter').last().locator('button');
    await last.focus();
    for (const seen = []; ; ) {
      await tab(page);
      const { tag, mark } = await page.evaluate(() => ({ tag: document.activeElement.tagName, mark: document.activeElement.dataset.testid }));
      seen.push(mark ?? tag);
      if (mark === 'clear-selection' || tag === 'IFRAME' || seen.length > 20) return seen;
    }
  };
  assert.equal((await passed()).at(-1), 'clear-selection');
  arrive();
  await until(20_000, 'Tab leads into the letter', async () => (await passed()).at(-1) === 'IFRAME');
  await letterPage.close();
});

scene('A button that is drawn anew while it is held down is pressed all the same, once', async (world) => {
  const letterPage = await world.readyPage();
  const { page } = letterPage;
  await page.evaluate(() => {
    globalThis.presses = 0;
    addEventListener('click', ({ target }) => { if (target.dataset.testid === 'agent-retry') presses++; }, true);
    addEventListener('pointerdown', ({ target }) => { globalThis.heldDown = target.closest('[data-testid=agent-retry]'); }, true);
  });
  await letterPage.mark('agent-retry').hover();
  await page.mouse.down();
  await page.evaluate(() => window.dispatchEvent(new Event('focus'))); // as who comes back to the window: the agent is looked at anew
  await until(10_000, 'the button is another one', () => page.evaluate(() => !heldDown.isConnected));
  await page.mouse.up();
  await until(10_000, 'the press has come to the button', () => page.evaluate(() => presses > 0));
  await until(10_000, 'the page is ready again', () => page.evaluate(() => document.querySelector('[data-testid=agent-state]')?.dataset.state === 'ready'));
  assert.equal(await page.evaluate(() => presses), 1);
});

scene('While the agent is looked for after the click the page says so, and the focus is there', async (world) => {
  world.office.forgetAll();
  await world.person('yes');
  const letterPage = await world.readyPage();
  const { page } = letterPage;
  let answer;
  const answered = new Promise((resolve) => { answer = resolve; });
  await page.route('**/v1/status*', async (route) => { await answered; await route.continue(); });
  await letterPage.sign('nota-dinas');
  await letterPage.untilPhase('connecting');
  assert.equal(await focused(page), 'progress');
  assert.match(await letterPage.mark('progress').innerText(), /Menghubungi Jurukunci/);
  assert.deepEqual(await violations(page), []);
  answer();
  await letterPage.untilEnd();
  assert.equal(await focused(page), 'result');
});

scene('Who listens is told of each step, and of the end', async (world) => {
  world.office.forgetAll();
  await world.person('slow:6'); // long enough to be announced on a busy computer, too
  const letterPage = await world.readyPage();
  await letterPage.page.evaluate(() => {
    globalThis.heard = [];
    new MutationObserver(() => heard.push(document.getElementById('announcements').textContent)).observe(document.getElementById('announcements'), {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await letterPage.choose(3);
  await letterPage.signChosen();
  await letterPage.untilEnd();
  const heard = await letterPage.page.evaluate(() => heard);
  assert.ok(
    heard.some((words) => /Jawab pertanyaan di jendela Jurukunci/.test(words)),
    heard.join(' / '),
  );
  const result = await letterPage.page.evaluate(() => ({
    name: document.getElementById(document.activeElement.getAttribute('aria-labelledby'))?.textContent,
  }));
  assert.match(result.name, /Selesai: semua surat ditandatangani/);
});

scene('The page speaks English when asked to, keeps to it, and so do the agent’s sentences and the page behind the QR code', async (world) => {
  world.office.forgetAll();
  const letterPage = await world.readyPage();
  const { page } = letterPage;
  await letterPage.mark('language-en').click();
  assert.equal(await focused(page), 'language-en', 'the switch keeps the focus');
  await letterPage.untilReady();
  assert.match((await letterPage.agentState()).words, /Jurukunci is running, but its window is not open/);
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  assert.match(await page.title(), /Letters waiting/);
  await page.reload();
  await letterPage.untilReady();
  assert.match(await page.locator('h1').innerText(), /Letters waiting for your signature/);
  await world.person('no');
  await letterPage.sign('nota-dinas');
  const { error } = await letterPage.outcome();
  assert.match(error.message, /^[A-Z][a-z ,.’]+$/);
  assert.doesNotMatch(error.message, /Anda/);
  const titles = new Set(await page.locator('.letter h2, .letter .kind, .user span, .item-title').allInnerTexts());
  const left = (await page.locator('main').innerText())
    .split('\n')
    .filter((line) => /\b(surat|tanda tangan|dipilih|Anda|tidak|dengan)\b/.test(line) && ![...titles].some((title) => line.includes(title)));
  assert.deepEqual(left, [], 'what is still Indonesian');
  await page.goto(`${world.office.origin}/cek/nota-dinas`);
  assert.match(await page.locator('main').innerText(), /Not signed yet/);
  assert.deepEqual(await violations(page), []);
  await world.chromium.context.clearCookies();
});

scene('Who does not want motion gets none', async (world) => {
  world.office.forgetAll();
  const letterPage = await world.readyPage();
  await letterPage.page.emulateMedia({ reducedMotion: 'reduce' });
  await world.person('silent');
  await letterPage.sign('nota-dinas');
  await letterPage.untilPhase('waiting_consent');
  const moving = await letterPage.page.evaluate(() => document.getAnimations().length);
  assert.equal(moving, 0);
  await letterPage.cancel();
});
