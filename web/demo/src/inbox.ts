import type { Session } from '@jurukunci/client';
import type { AgentConnection } from './agent';
import { button, element, redraw } from './element';
import { FilterBar } from './filter-bar';
import { LetterRow } from './letter-row';
import * as office from './office';
import { Preview } from './preview';
import type { ItemState, Run } from './run';
import { matches, Selection } from './selection';
import { SigningDesk } from './signing-desk';
import { count, language, say } from './words';

/** The letters, which of them are chosen, the desk where they are signed, and the pane where one lies open. */
export class Inbox {
  readonly view = element('div', { class: 'inbox', testid: 'inbox' });
  #letters: office.Letter[] = [];
  #rows = new Map<string, LetterRow>();
  /** What became of letters in the last signing. */
  #notes = new Map<string, ItemState>();
  readonly #selection = new Selection();
  readonly #desk: SigningDesk;
  readonly #filter: FilterBar;
  readonly #preview: Preview;
  readonly #list = element('ul', { class: 'letters', attributes: { id: 'letters', tabindex: '-1' } });
  readonly #none = element('p', { class: 'hint none' });
  readonly #bar = element('div', { class: 'selection', testid: 'selection', attributes: { role: 'region' } });

  constructor(connection: AgentConnection, onNoAgent: () => void) {
    this.#desk = new SigningDesk(connection, {
      letters: () => this.#letters,
      changed: () => this.#draw(),
      ended: (run) => this.#ended(run),
      closed: () => {
        this.#draw(); // what was signed stays in the list only as long as its signing is on the page
        this.#list.focus({ preventScroll: true });
      },
      noAgent: onNoAgent,
    });
    this.#filter = new FilterBar(() => this.#draw(), (on) => {
      this.#selection.setAll(this.#choosable(), on);
      this.#draw();
    });
    const pane = element('aside', { class: 'preview', testid: 'preview' });
    this.#preview = new Preview(pane);
    const column = element('div', {}, [this.#desk.view, this.#filter.view, this.#none, this.#list]);
    this.view.append(element('div', { class: 'columns' }, [column, pane]), this.#bar);
    this.speak();
  }

  /** All texts again, in the language of now. */
  speak(): void {
    this.#list.setAttribute('aria-label', say('inbox.list'));
    this.#bar.setAttribute('aria-label', say('selection.label'));
    this.#preview.speak();
    this.#filter.speak();
    this.#desk.speak();
    this.#draw();
  }

  async load(): Promise<void> {
    try {
      this.#letters = await office.letters();
    } catch (error) {
      if (this.#letters.length === 0) this.#desk.tell(error, say('inbox.not-loaded'));
      throw error;
    }
    for (const letter of this.#letters) {
      if (!this.#rows.has(letter.id)) this.#rows.set(letter.id, this.#rowOf(letter));
    }
    this.#filter.know(this.#letters);
    this.#draw();
    const first = this.#shown()[0];
    if (first && this.#preview.empty && this.#preview.usable) this.#preview.show(first);
  }

  async lookForOpen(session: Session): Promise<void> {
    if (this.#letters.length === 0) await this.load(); // without its letters a signing would look empty, and be ended as such
    await this.#desk.lookForOpen(session);
  }

  #sign(letters: office.Letter[]): void {
    const [only] = letters;
    if (letters.length === 1 && only && this.#preview.usable) this.#preview.show(only); // what is about to be signed should lie open
    void this.#desk.sign(letters);
  }

  async #ended(run: Run | null): Promise<void> {
    for (const { letter, state } of run?.items ?? []) this.#notes.set(letter.id, state);
    // who said no to the whole list often wants to change it, so it stays chosen
    if (run && run.number('stored', 'signed', 'unknown', 'lost') > 0) this.#selection.setAll(run.batch.letters, false);
    await this.load().catch(() => this.#draw());
    const [only] = run?.items ?? [];
    if (run?.items.length === 1 && only?.letter.signed && this.#preview.usable) this.#preview.show(only.letter);
  }

  #rowOf(letter: office.Letter): LetterRow {
    const row: LetterRow = new LetterRow(letter, {
      onSign: () => this.#sign([row.letter]),
      onSelect: (on, range) => {
        this.#selection.set(letter.id, on, this.#choosable(), range);
        this.#draw();
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
    const { filter } = this.#filter;
    const justSigned = (letter: office.Letter) => this.#desk.run !== null && this.#notes.has(letter.id) && matches(letter, { ...filter, status: 'all' });
    return this.#letters.filter((letter) => matches(letter, filter) || justSigned(letter));
  }

  #choosable(): string[] {
    return this.#shown().filter(isWaiting).map(({ id }) => id);
  }

  #draw(): void {
    const { busy } = this.#desk;
    this.#selection.keepOnly(new Set(this.#letters.filter(isWaiting).map(({ id }) => id)));
    const shown = this.#shown(), chosen = this.#selection.ids;
    const views = shown.map((letter) => {
      const row = this.#rows.get(letter.id) as LetterRow;
      row.show(letter, { selected: chosen.has(letter.id), busy, note: this.#notes.get(letter.id) ?? null }, language);
      return row.view;
    });
    // moving what is already in its place would take the focus from it
    const moved = views.length !== this.#list.children.length || views.some((view, i) => this.#list.children[i] !== view);
    if (moved) this.#list.replaceChildren(...views);
    this.#none.hidden = shown.length > 0;
    this.#none.textContent = say(this.#letters.length === 0 ? 'inbox.loading' : 'inbox.none');
    const choosable = this.#choosable(), marked = choosable.filter((id) => chosen.has(id)).length;
    this.#filter.show({ letters: this.#letters.length, shown: shown.length, waiting: choosable.length, chosen: marked, busy });
    this.#drawBar(chosen.size, marked, busy);
  }

  /** Below everything, while letters are chosen; `marked` of them are shown. */
  #drawBar(chosen: number, marked: number, busy: boolean): void {
    const shown = chosen > 0 && !busy;
    this.#bar.hidden = !shown;
    document.body.classList.toggle('selecting', shown);
    if (!shown) return;
    const go = () => this.#sign(this.#letters.filter(({ id }) => this.#selection.ids.has(id)));
    const clear = () => {
      this.#selection.clear();
      this.#draw();
      this.#list.focus({ preventScroll: true });
    };
    redraw(this.#bar, element('div', { class: 'wide' }, [
      element('p', { testid: 'selected-count', attributes: { 'data-number': String(chosen) } }, [
        element('b', { text: count('selection.chosen', chosen) }), chosen > marked ? ` ${count('selection.hidden', chosen - marked)}` : '',
      ]),
      button(say('selection.clear'), clear, { testid: 'clear-selection' }),
      button(count('selection.sign', chosen), go, { class: 'button', testid: 'sign-selected' }),
    ]));
  }
}

function isWaiting({ signed }: office.Letter): boolean {
  return signed === null;
}
