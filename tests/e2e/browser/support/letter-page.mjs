// LetterPage: the demo's page in Chromium, driven by the marks that web/demo/README.md names.
import { pause, until, within } from './bounded.mjs';

const ended = '[data-testid=result],[data-testid=error]';

export class LetterPage {
  #page;
  /** How often the page has been told which signings are open. */
  #looks = 0;
  /** Console errors and exceptions, for when a test fails. */
  complaints = [];

  /** Signed in, at the inbox; with `signIn: false` where the page itself stops. */
  static async open(chromium, origin, { signIn = true, path = '/' } = {}) {
    const page = new LetterPage();
    page.#page = await chromium.newPage();
    page.#page.on('console', (message) => {
      if (message.type() === 'error') page.complaints.push(message.text());
    });
    page.#page.on('pageerror', (error) => page.complaints.push(String(error)));
    page.#page.on('response', (response) => {
      if (response.request().method() === 'GET' && new URL(response.url()).pathname === '/api/batches') page.#looks++;
    });
    await page.#page.goto(`${origin}${path}`);
    if (signIn) await page.signInForDemo();
    return page;
  }

  get page() {
    return this.#page;
  }

  mark(testid) {
    return this.#page.getByTestId(testid);
  }

  /** A browser that was here before is signed in already. */
  async signInForDemo() {
    const button = this.mark('sign-in-demo'),
      inside = this.mark('user');
    await button.or(inside).first().waitFor();
    // what is above the button may still grow and move it away under the finger; then one presses again
    for (let presses = 0; presses < 4 && (await inside.count()) === 0; presses++) {
      await button.click({ timeout: 5_000 }).catch(() => {});
      await inside.waitFor({ state: 'attached', timeout: 5_000 }).catch(() => {});
    }
    await inside.waitFor({ state: 'attached' });
  }

  /** Waits until the page has made up its mind about the agent; answers its state and the words for the person. */
  async agentState({ settled = true } = {}) {
    const line = this.#page.locator(settled ? '[data-testid=agent-state]:not([data-state=checking])' : '[data-testid=agent-state]');
    await line.waitFor();
    return { state: await line.getAttribute('data-state'), token: await line.getAttribute('data-token'), words: (await line.innerText()).trim() };
  }

  async untilState(state, timeout = 20_000) {
    await this.#page.locator(`[data-testid=agent-state][data-state=${state}]`).waitFor({ timeout });
    return this.agentState();
  }

  async untilReady() {
    const { state, words } = await this.agentState();
    if (state !== 'ready') throw new Error(`the page says ${state}: ${words}\n${this.complaints.join('\n')}`);
  }

  /** The page looks once for signings that are open already, a moment after it has found the agent. */
  untilLooked() {
    return until(20_000, 'the page has looked for open signings', () => this.#looks > 0);
  }

  async sign(letter) {
    await this.#forgetOutcome();
    await this.mark(`sign-${letter}`).click();
  }

  /** What an earlier attempt left stays on the page until this one shows something. */
  async #forgetOutcome() {
    await this.#page.locator(ended).evaluateAll((views) => {
      for (const view of views) view.dataset.earlier = '';
    });
  }

  /** Presses the button where no agent is; answers what the page has found when it lets the button go. */
  async signInVain(letter) {
    await this.sign(letter);
    await this.#page.locator(`[data-testid=sign-${letter}]:enabled`).waitFor();
    return this.agentState();
  }

  /** The first letters of the list, as many as that. Answers their ids. */
  async choose(number) {
    const boxes = this.#page.locator('[data-testid=inbox] .letter input:enabled');
    await boxes.nth(number - 1).waitFor();
    await boxes.first().check();
    if (number > 1) await boxes.nth(number - 1).click({ modifiers: ['Shift'] });
    const ids = await this.#page
      .locator('[data-testid=inbox] .letter input:checked')
      .evaluateAll((all) => all.map(({ id }) => id.replace('select-', '')));
    if (ids.length !== number) throw new Error(`${ids.length} letters are chosen, not ${number}`);
    return ids;
  }

  async signChosen() {
    await this.#forgetOutcome();
    await this.mark('sign-selected').click();
  }

  untilPhase(...phases) {
    return this.#page.locator(phases.map((phase) => `[data-testid=progress][data-phase=${phase}]`).join(',')).waitFor();
  }

  cancel() {
    return this.mark('cancel').click();
  }

  /** How many letters of the signing the page shows in one of these states. */
  number(...states) {
    return this.#page.locator(states.map((state) => `[data-testid=run-item][data-state=${state}]`).join(',')).count();
  }

  untilNumber(number, ...states) {
    return until(30_000, `${number} are ${states}`, async () => (await this.number(...states)) >= number);
  }

  /** Letter and state of each item, as the page shows them. */
  async items() {
    return Object.fromEntries(await this.mark('run-item').evaluateAll((all) => all.map(({ dataset }) => [dataset.letter, dataset.state])));
  }

  /** The lines of the summary: how many are stored, rejected, unknown … */
  async summary() {
    return Object.fromEntries(
      await this.mark('summary')
        .locator('[data-number]')
        .evaluateAll((all) => all.map(({ dataset }) => [dataset.testid.replace('number-', ''), Number(dataset.number)])),
    );
  }

  async untilEnd(milliseconds = 30_000) {
    await this.#page.locator(ended).and(this.#page.locator(':not([data-earlier])')).first().waitFor({ timeout: milliseconds });
  }

  /** Waits for the end of a signing, good or bad. */
  async outcome(milliseconds = 20_000) {
    await this.untilEnd(milliseconds);
    return (await this.mark('result').count()) > 0 ? { result: await this.#result() } : { error: await this.#error() };
  }

  async #result() {
    return {
      signer: await this.mark('signer').innerText(),
      marking: await this.mark('marking').innerText(),
      conclusion: await this.mark('verdict').getAttribute('data-conclusion'),
      verdict: await this.mark('verdict').innerText(),
    };
  }

  async #error() {
    const text = async (testid) => ((await this.mark(testid).count()) > 0 ? this.mark(testid).innerText() : null);
    return {
      code: await this.mark('error').getAttribute('data-code'),
      message: await text('error-message'),
      remedy: await text('error-remedy'),
      citation: await text('error-citation'),
    };
  }

  /** The list is fetched anew once a signing has ended, so it knows a moment after the result is shown. */
  async untilStatus(letter, status) {
    await this.mark(`letter-${letter}`).and(this.#page.locator(`[data-status=${status}]`)).waitFor();
  }

  async untilWords(testid, words) {
    await this.mark(testid).filter({ hasText: words }).waitFor();
  }

  letterStatus(letter) {
    return this.mark(`letter-${letter}`).getAttribute('data-status');
  }

  async picture(path, { top = true, drawn = true } = {}) {
    if (drawn) await pause(1500); // the reading pane draws the letter in its own time, and does not say when
    if (top) await this.#page.evaluate(() => scrollTo(0, 0));
    await this.#page.screenshot({ path });
  }

  /** Also where it is closed already. */
  close() {
    return within(20_000, 'the page closes', this.#page.close());
  }
}
