import type { Session } from '@jurukunci/client';
import type { AgentConnection } from './agent';
import { announce } from './announce';
import { button, element, paragraph, redraw } from './element';
import { errorView } from './error-view';
import { LetterRow } from './letter-row';
import * as office from './office';
import { Preview } from './preview';
import { Run, type ItemState } from './run';
import { remainingLetters, RunView } from './run-view';
import { matches, Selection, type Filter } from './selection';
import { bringAgain, findOpen, followBatch, signLetters } from './signing';
import { clock, count, language, say } from './words';

/** The letters, what is marked of them, and the one signing that this page carries or looks on at. */
export class Inbox {
  readonly view = element('div', { class: 'inbox', testid: 'inbox' });
  #letters: office.Letter[] = [];
  #rows = new Map<string, LetterRow>();
  #notes = new Map<string, ItemState>();
  #filter: Filter = { words: '', kind: '', status: 'waiting' };
  #run: Run | null = null;
  #runView: RunView | null = null;
  #stop = new AbortController();
  #busy = false;
  #frame = 0;
  #looking: Promise<void> | null = null;

  readonly #selection = new Selection();
  readonly #connection: AgentConnection;
  readonly #onNoAgent: () => void;
  readonly #activity = element('section', { class: 'activity', attributes: { 'aria-label': '' } });
  readonly #tools = element('div', { class: 'tools' });
  readonly #list = element('ul', { class: 'letters', attributes: { id: 'letters', tabindex: '-1' } });
  readonly #none = element('p', { class: 'hint none' });
  readonly #bar = element('div', { class: 'selection', testid: 'selection', attributes: { role: 'region' } });
  readonly #all = element('input', { testid: 'select-all', attributes: { type: 'checkbox', id: 'select-all' } });
  readonly #shownCount = element('p', { class: 'hint', testid: 'shown-count', attributes: { role: 'status' } });
  readonly #preview: Preview;

  constructor(connection: AgentConnection, onNoAgent: () => void) {
    this.#connection = connection;
    this.#onNoAgent = onNoAgent;
    const pane = element('aside', { class: 'preview', testid: 'preview' });
    this.#preview = new Preview(pane);
    this.#all.addEventListener('change', () =>
      this.#select(
        this.#shown()
          .filter(isWaiting)
          .map(({ id }) => id),
        this.#all.checked,
      ),
    );
    this.view.append(
      element('div', { class: 'columns' }, [element('div', {}, [this.#activity, this.#tools, this.#none, this.#list]), pane]),
      this.#bar,
    );
    this.speak();
  }

  /** All texts again, in the language of now. */
  speak(): void {
    this.#activity.setAttribute('aria-label', say('run.label'));
    this.#list.setAttribute('aria-label', say('inbox.list'));
    this.#bar.setAttribute('aria-label', say('selection.label'));
    this.#preview.speak();
    this.#drawTools();
    this.#drawRun();
    this.draw();
  }

  async load(): Promise<void> {
    try {
      this.#letters = await office.letters();
    } catch (error) {
      if (this.#letters.length === 0) redraw(this.#activity, errorView(error, { title: say('inbox.not-loaded') }));
      throw error;
    }
    for (const letter of this.#letters) {
      if (!this.#rows.has(letter.id)) this.#rows.set(letter.id, this.#rowOf(letter));
    }
    this.#drawTools();
    this.draw();
    const first = this.#shown()[0];
    if (first && this.#preview.empty && this.#preview.usable) this.#preview.show(first);
  }

  /** Looks for a signing that was cut off, or that another window carries, as soon as the agent is there. */
  lookForOpen(session: Session): Promise<void> {
    if (this.#busy) return Promise.resolve();
    this.#looking ??= this.#lookForOpen(session).finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookForOpen(session: Session): Promise<void> {
    const open = await findOpen(session);
    const found = open.find(({ operation }) => operation) ?? open[0];
    if (!found || this.#busy || this.#run) return; // what is on the page is read first; closing it brings the next
    const { batch, operation } = found;
    const letters = batch.letters.map((id) => this.#letters.find((one) => one.id === id)).filter((one) => one !== undefined);
    if (!operation) {
      if (letters.every(({ signed }) => signed)) await office.endBatch(batch.id);
      else this.#showForgotten(batch, letters);
      return;
    }
    const run = new Run(batch, letters, (now) => this.#show(now));
    run.resumed = true;
    await this.#carry(run, (_, signal) => followBatch(session, run, operation, signal));
  }

  /** The server knows of a signing, this computer's agent does not: only the person can say that nothing will come of it any more. */
  #showForgotten(batch: office.Batch, letters: office.Letter[]): void {
    const open = letters.filter(isWaiting).length;
    redraw(
      this.#activity,
      element(
        'div',
        { class: 'result partial', testid: 'forgotten', attributes: { tabindex: '-1', role: 'group', 'aria-labelledby': 'result-title' } },
        [
          element('h2', {
            text: say('forgotten.title', { letters: count('letters', batch.letters.length), time: clock(batch.createdAt) }),
            attributes: { id: 'result-title' },
          }),
          paragraph(say(batch.ordered ? 'forgotten.ordered' : 'forgotten.not-begun')),
          element('p', { class: 'actions' }, [
            button(count('forgotten.release', open), () => void this.#release(batch), { class: 'button', testid: 'release' }),
          ]),
        ],
      ),
    );
  }

  async #release(batch: office.Batch): Promise<void> {
    await office.endBatch(batch.id);
    redraw(this.#activity);
    this.#list.focus({ preventScroll: true });
    announce(say('forgotten.released'));
  }

  sign(letters: office.Letter[]): Promise<void> {
    return this.#begin(letters);
  }

  async #begin(letters: office.Letter[]): Promise<void> {
    if (this.#busy || letters.length === 0) return;
    this.#setBusy(true);
    const [only] = letters;
    if (letters.length === 1 && only && this.#preview.usable) this.#preview.show(only); // what is about to be signed should lie open
    const session = await this.#connection.connect();
    if (!session) {
      this.#setBusy(false);
      this.#close();
      this.#onNoAgent();
      return;
    }
    this.#close();
    this.#busy = true;
    this.#stop = new AbortController();
    try {
      const run = await signLetters(session, letters, (now) => this.#show(now), this.#stop.signal);
      // who said no to the list often wants to change it, so it stays chosen
      if (run.number('stored', 'signed', 'unknown', 'lost') > 0)
        this.#selection.setAll(
          letters.map(({ id }) => id),
          false,
        );
    } catch (error) {
      redraw(this.#activity, errorView(error)); // it never began
      this.#activity.querySelector<HTMLElement>('[data-testid=error]')?.focus({ preventScroll: true });
    }
    await this.#ended();
  }

  async #carry(run: Run, work: (run: Run, signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#close();
    this.#setBusy(true);
    this.#stop = new AbortController();
    this.#show(run);
    try {
      await work(run, this.#stop.signal);
    } catch (error) {
      run.error = error;
      run.to('ended');
    }
    await this.#ended();
  }

  async #ended(): Promise<void> {
    for (const { letter, state } of this.#run?.items ?? []) this.#notes.set(letter.id, state);
    this.#setBusy(false);
    const [only] = this.#run?.items ?? [];
    await this.load().catch(() => {});
    if (this.#run?.items.length === 1 && only?.letter.signed && this.#preview.usable) this.#preview.show(only.letter);
    void this.#connection.connect(); // PIN tries, a pulled token or a stopped agent show at once
  }

  #show(run: Run): void {
    if (this.#run !== run) {
      this.#run = run;
      this.#drawRun();
      this.#runView?.focus();
    }
    cancelAnimationFrame(this.#frame);
    if (run.phase === 'ended') {
      this.#runView?.update();
      this.#runView?.focus();
    } else {
      this.#frame = requestAnimationFrame(() => this.#runView?.update());
    }
  }

  #drawRun(): void {
    if (!this.#run) return;
    this.#runView = new RunView(this.#run, {
      onCancel: () => this.#stop.abort(),
      onSignRemaining: (run, includeUncertain) =>
        void this.#begin(
          remainingLetters(run, includeUncertain)
            .map((one) => this.#letters.find(({ id }) => id === one.id) ?? one)
            .filter(isWaiting),
        ),
      onBringAgain: (run) => void this.#bringAgain(run),
      onClose: () => {
        this.#close();
        this.draw(); // what was signed stays in the list only as long as its signing is on the page
        this.#list.focus({ preventScroll: true });
        void this.#connection.connect().then((session) => session && this.lookForOpen(session));
      },
    });
    redraw(this.#activity, this.#runView.view);
  }

  async #bringAgain(run: Run): Promise<void> {
    const session = await this.#connection.connect();
    if (session) await this.#carry(run, () => bringAgain(session, run));
    else this.#onNoAgent();
  }

  #close(): void {
    this.#run = this.#runView = null;
    redraw(this.#activity);
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.draw();
  }

  #rowOf(letter: office.Letter): LetterRow {
    const row: LetterRow = new LetterRow(letter, {
      onSign: () => void this.#begin([row.letter]),
      onSelect: (on, range) => {
        this.#selection.set(
          letter.id,
          on,
          this.#shown()
            .filter(isWaiting)
            .map(({ id }) => id),
          range,
        );
        this.draw();
      },
      onLook: (event) => {
        if (!this.#preview.usable) return;
        event.preventDefault();
        this.#preview.show(row.letter);
      },
    });
    return row;
  }

  #shown(): office.Letter[] {
    return this.#letters.filter(
      (letter) =>
        matches(letter, this.#filter) || (this.#notes.has(letter.id) && this.#run !== null && matches(letter, { ...this.#filter, status: 'all' })),
    );
  }

  #select(ids: string[], on: boolean): void {
    this.#selection.setAll(ids, on);
    this.draw();
  }

  draw(): void {
    this.#selection.keepOnly(new Set(this.#letters.filter(isWaiting).map(({ id }) => id)));
    const shown = this.#shown(),
      waiting = shown.filter(isWaiting),
      chosen = this.#selection.ids;
    const views = shown.map((letter) => {
      const row = this.#rows.get(letter.id) as LetterRow;
      row.show(letter, { selected: chosen.has(letter.id), busy: this.#busy, note: this.#notes.get(letter.id) ?? null }, language);
      return row.view;
    });
    // moving what is already in its place would take the focus from it
    if (views.length !== this.#list.children.length || views.some((view, i) => this.#list.children[i] !== view)) this.#list.replaceChildren(...views);
    this.#none.hidden = shown.length > 0;
    this.#none.textContent = say(this.#letters.length === 0 ? 'inbox.loading' : 'inbox.none');
    const marked = waiting.filter(({ id }) => chosen.has(id)).length;
    this.#all.checked = waiting.length > 0 && marked === waiting.length;
    this.#all.indeterminate = marked > 0 && marked < waiting.length;
    this.#all.disabled = waiting.length === 0 || this.#busy;
    this.#shownCount.textContent = count('inbox.shown', shown.length, { total: this.#letters.length });
    this.#drawBar(marked);
  }

  #drawBar(marked: number): void {
    const n = this.#selection.ids.size;
    const shown = n > 0 && !this.#busy;
    this.#bar.hidden = !shown;
    document.body.classList.toggle('selecting', shown);
    if (!shown) return;
    const go = button(count('selection.sign', n), () => void this.#begin(this.#letters.filter(({ id }) => this.#selection.ids.has(id))), {
      class: 'button',
      testid: 'sign-selected',
    });
    redraw(
      this.#bar,
      element('div', { class: 'wide' }, [
        element('p', { testid: 'selected-count', attributes: { 'data-number': String(n) } }, [
          element('b', { text: count('selection.chosen', n) }),
          n > marked ? ` ${count('selection.hidden', n - marked)}` : '',
        ]),
        button(
          say('selection.clear'),
          () => {
            this.#selection.clear();
            this.draw();
            this.#list.focus({ preventScroll: true });
          },
          { testid: 'clear-selection' },
        ),
        go,
      ]),
    );
  }

  #drawTools(): void {
    const search = element('input', {
      testid: 'search',
      attributes: { type: 'search', id: 'search', autocomplete: 'off', value: this.#filter.words },
    });
    search.addEventListener('input', () => this.#refilter({ words: search.value }));
    const kinds = [...new Set(this.#letters.map(({ kind }) => kind))].sort();
    const kind = choice(
      'filter-kind',
      [['', say('filter.every-kind')], ...kinds.map((one) => [one, one] as [string, string])],
      this.#filter.kind,
      (value) => this.#refilter({ kind: value }),
    );
    const status = choice(
      'filter-status',
      [
        ['waiting', say('filter.waiting')],
        ['signed', say('filter.signed')],
        ['all', say('filter.all')],
      ],
      this.#filter.status,
      (value) => this.#refilter({ status: value as Filter['status'] }),
    );
    redraw(
      this.#tools,
      element('form', { class: 'filters', attributes: { role: 'search', 'aria-label': say('filter.label') } }, [
        field('search', say('filter.search'), search),
        field('filter-kind', say('filter.kind'), kind),
        field('filter-status', say('filter.status'), status),
      ]),
      element('div', { class: 'choose' }, [element('label', { class: 'tick-all' }, [this.#all, ` ${say('selection.all')}`]), this.#shownCount]),
      paragraph(say('selection.range-hint'), 'hint range-hint'),
    );
    this.#tools.querySelector('form')?.addEventListener('submit', (event) => event.preventDefault());
  }

  #refilter(change: Partial<Filter>): void {
    this.#filter = { ...this.#filter, ...change };
    this.draw();
  }
}

function isWaiting({ signed }: office.Letter): boolean {
  return signed === null;
}

function choice(id: string, options: [string, string][], chosen: string, onChange: (value: string) => void): HTMLSelectElement {
  const select = element(
    'select',
    { testid: id, attributes: { id } },
    options.map(([value, text]) => element('option', { text, attributes: { value, selected: value === chosen ? '' : null } })),
  );
  select.addEventListener('change', () => onChange(select.value));
  return select;
}

function field(id: string, label: string, control: HTMLElement): HTMLElement {
  return element('p', { class: 'field' }, [element('label', { text: label, attributes: { for: id } }), control]);
}
