// LetterPage: the demo's page in Chromium, driven by the marks that web/demo/README.md names.
import { pause, within } from './bounded.mjs';

const ended = '[data-testid=result],[data-testid=error]';

export class LetterPage {
  #page;
  /** Console errors and exceptions, for when a test fails. */
  complaints = [];

  static async open(chromium, origin) {
    const page = new LetterPage();
    page.#page = await chromium.newPage();
    page.#page.on('console', (message) => { if (message.type() === 'error') page.complaints.push(message.text()); });
    page.#page.on('pageerror', (error) => page.complaints.push(String(error)));
    await page.#page.goto(`${origin}/`);
    return page;
  }

  get page() { return this.#page; }

  mark(testid) { return this.#page.getByTestId(testid); }

  /** Waits until the page has made up its mind about the agent; answers its state and the words for the person. */
  async agentState({ settled = true } = {}) {
    const line = this.#page.locator(settled ? '[data-testid=agent-state]:not([data-state=checking])' : '[data-testid=agent-state]');
    await line.waitFor();
    return { state: await line.getAttribute('data-state'), token: await line.getAttribute('data-token'), words: (await line.innerText()).trim() };
  }

  async untilReady() {
    const { state, words } = await this.agentState();
    if (state !== 'ready') throw new Error(`the page says ${state}: ${words}\n${this.complaints.join('\n')}`);
  }

  async sign(letter) {
    // the outcome of an earlier attempt stays on the card until this one shows something
    await this.#page.locator(ended).evaluateAll((views) => { for (const view of views) view.dataset.earlier = ''; });
    await this.mark(`sign-${letter}`).click();
  }

  /** Presses the button where no agent is; answers what the page has found when it lets the button go. */
  async signInVain(letter) {
    await this.sign(letter);
    await this.#page.locator(`[data-testid=sign-${letter}]:enabled`).waitFor();
    return this.agentState();
  }

  untilPhase(...phases) { return this.#page.locator(phases.map((phase) => `[data-testid=progress][data-phase=${phase}]`).join(',')).waitFor(); }

  cancel() { return this.mark('cancel').click(); }

  /** Waits for the end of a signing, good or bad. */
  async outcome(milliseconds = 20_000) {
    await this.#page.locator(ended).and(this.#page.locator(':not([data-earlier])')).waitFor({ timeout: milliseconds });
    return await this.mark('result').count() > 0 ? { result: await this.#result() } : { error: await this.#error() };
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
    const text = async (testid) => (await this.mark(testid).count() > 0 ? this.mark(testid).innerText() : null);
    return { code: await this.mark('error').getAttribute('data-code'), message: await text('error-message'), remedy: await text('error-remedy'), citation: await text('error-citation') };
  }

  letterStatus(letter) { return this.mark(`letter-${letter}`).getAttribute('data-status'); }

  async picture(path) {
    await pause(1500); // the reading pane draws the letter in its own time, and does not say when
    await this.#page.evaluate(() => scrollTo(0, 0));
    await this.#page.screenshot({ path });
  }

  /** Also where it is closed already. */
  close() { return within(5_000, 'the page closes', this.#page.close()); }
}
