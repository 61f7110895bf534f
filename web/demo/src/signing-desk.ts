import type { Session } from '@jurukunci/client';
import type { AgentConnection } from './agent';
import { announce } from './announce';
import { button, element, paragraph, redraw } from './element';
import { errorView } from './error-view';
import * as office from './office';
import { Run } from './run';
import { remainingLetters, RunView } from './run-view';
import { bringAgain, findOpen, followBatch, isCarried, release, signLetters } from './signing';
import { clock, count, say } from './words';

export interface DeskOwner {
  /** As the server last told them. */
  letters(): office.Letter[];
  /** Busy or not any more, or another signing on the desk. */
  changed(): void;
  /** A signing came to its end, whatever that is; null where it never began. */
  ended(run: Run | null): Promise<void>;
  /** The person has read what became of it. */
  closed(): void;
  noAgent(): void;
}

/** The one signing that this page carries or looks on at, from the click to what became of it. */
export class SigningDesk {
  readonly view = element('section', { class: 'activity' });
  busy = false;
  run: Run | null = null;
  #shown: RunView | null = null;
  #stop = new AbortController();
  #frame = 0;
  #looking: Promise<void> | null = null;
  readonly #connection: AgentConnection;
  readonly #owner: DeskOwner;

  constructor(connection: AgentConnection, owner: DeskOwner) {
    this.#connection = connection;
    this.#owner = owner;
  }

  /** All texts again, in the language of now. */
  speak(): void {
    this.view.setAttribute('aria-label', say('run.label'));
    if (this.run) this.#draw(this.run);
  }

  tell(error: unknown, title?: string): void {
    redraw(this.view, errorView(error, title === undefined ? {} : { title }));
  }

  async sign(letters: office.Letter[]): Promise<void> {
    if (this.busy || letters.length === 0) return;
    this.#setBusy(true);
    this.#showConnecting();
    let session: Session | null = null;
    try {
      session = await this.#connection.connect();
    } finally {
      if (!session) {
        this.#clear();
        this.#setBusy(false);
      }
    }
    if (!session) {
      this.#owner.noAgent();
      return;
    }
    this.#stop = new AbortController();
    let run: Run | null = null;
    try {
      run = await signLetters(session, letters, (now) => this.#show(now), this.#stop.signal);
    } catch (error) {
      this.tell(error); // it never began
      this.view.querySelector<HTMLElement>('[data-testid=error]')?.focus({ preventScroll: true });
    }
    await this.#end(run);
  }

  /** Looks for a signing that was cut off, or that another window carries, as soon as the agent is there. */
  lookForOpen(session: Session): Promise<void> {
    if (this.busy) return Promise.resolve();
    this.#looking ??= this.#lookForOpen(session).finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookForOpen(session: Session): Promise<void> {
    let open = await findOpen(session);
    // one that another window has just begun is not forgotten: the agent will know of it in a moment
    for (let looks = 0; looks < 60 && open[0] && open.every(({ operation }) => !operation) && (await isCarried(open[0].batch)); ++looks) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (this.busy || this.run) return;
      open = await findOpen(session);
    }
    const found = open.find(({ operation }) => operation) ?? open[0];
    if (!found || this.busy || this.run) return; // what is on the page is read first; closing it brings the next
    const { batch, operation } = found;
    if (!operation && (await isCarried(batch))) return; // its window is still at it, however long that takes
    const letters = batch.letters.map((id) => this.#owner.letters().find((one) => one.id === id)).filter((one) => one !== undefined);
    if (letters.length === 0) return;
    if (!operation) {
      if (letters.every(({ signed }) => signed)) await office.endBatch(batch.id);
      else this.#showForgotten(batch, letters.filter(({ signed }) => !signed).length);
      return;
    }
    const run = new Run(batch, letters, (now) => this.#show(now));
    run.resumed = true;
    await this.#carry(run, (signal) => followBatch(session, run, operation, signal));
  }

  /** The button that was pressed is gone: what comes of it begins here, and so does the focus. */
  #showConnecting(): void {
    this.run = this.#shown = null;
    const sentence = say('phase.connecting');
    const attributes = { tabindex: '-1', role: 'group', 'aria-label': sentence, 'data-phase': 'connecting' };
    const view = element('div', { class: 'progress', testid: 'progress', attributes }, [
      element('div', { class: 'progress-top' }, [
        element('span', { class: 'turning', attributes: { 'aria-hidden': 'true' } }),
        element('p', { class: 'sentence', text: sentence }),
      ]),
    ]);
    redraw(this.view, element('div', {}, [view]));
    view.focus({ preventScroll: true });
  }

  /** The server knows of a signing, this computer's agent does not: only the person can say that nothing will come of it any more. */
  #showForgotten(batch: office.Batch, open: number): void {
    const title = say('forgotten.title', { letters: count('letters', batch.letters.length), time: clock(batch.createdAt) });
    const attributes = { tabindex: '-1', role: 'group', 'aria-labelledby': 'result-title' };
    redraw(this.view, element('div', { class: 'result partial', testid: 'forgotten', attributes }, [
      element('h2', { text: title, attributes: { id: 'result-title' } }),
      paragraph(say(batch.ordered ? 'forgotten.ordered' : 'forgotten.not-begun')),
      element('p', { class: 'actions' }, [
        button(count('forgotten.release', open), () => void this.#release(batch), { class: 'button', testid: 'release' }),
      ]),
    ]));
  }

  async #release(batch: office.Batch): Promise<void> {
    const released = await release(batch);
    this.#close();
    if (released) announce(say('forgotten.released'));
  }

  async #carry(run: Run, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#clear();
    this.#setBusy(true);
    this.#stop = new AbortController();
    this.#show(run);
    try {
      await work(this.#stop.signal);
    } catch (error) {
      run.error = error;
      run.to('ended');
    }
    await this.#end(run);
  }

  async #end(run: Run | null): Promise<void> {
    this.busy = false;
    await this.#owner.ended(run);
    void this.#connection.connect(); // PIN tries, a pulled token or a stopped agent show at once
  }

  #show(run: Run): void {
    if (this.run !== run) {
      this.run = run;
      this.#draw(run);
      this.#shown?.focus();
    }
    cancelAnimationFrame(this.#frame);
    if (run.phase === 'ended') {
      this.#shown?.update();
      this.#shown?.focus();
    } else {
      this.#frame = requestAnimationFrame(() => this.#shown?.update());
    }
  }

  #draw(run: Run): void {
    this.#shown = new RunView(run, {
      onCancel: () => this.#stop.abort(),
      onSignRemaining: (ended, includeUncertain) => void this.sign(this.#stillWaiting(remainingLetters(ended, includeUncertain))),
      onBringAgain: (ended) => void this.#bringAgain(ended),
      onClose: () => this.#close(),
    });
    redraw(this.view, this.#shown.view);
  }

  #stillWaiting(letters: office.Letter[]): office.Letter[] {
    const waiting = new Set(this.#owner.letters().filter(({ signed }) => !signed).map(({ id }) => id));
    return letters.filter(({ id }) => waiting.has(id));
  }

  async #bringAgain(run: Run): Promise<void> {
    const session = await this.#connection.connect();
    if (session) await this.#carry(run, () => bringAgain(session, run));
    else this.#owner.noAgent();
  }

  /** What else is open comes up once this one has been read. */
  #close(): void {
    this.#clear();
    this.#owner.closed();
    void this.#connection.connect().then((session) => session && this.lookForOpen(session));
  }

  #clear(): void {
    this.run = this.#shown = null;
    redraw(this.view);
  }

  #setBusy(busy: boolean): void {
    this.busy = busy;
    this.#owner.changed();
  }
}
