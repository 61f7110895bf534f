import { button, element, redraw, sign, type Child } from './element';
import type { Letter } from './office';
import type { ItemState } from './run';
import { count, day, say, type Key } from './words';

export interface RowActions {
  onSign: () => void;
  onSelect: (on: boolean, range: boolean) => void;
  onLook: (event: MouseEvent) => void;
}

/** What the row says beside the letter itself. */
export interface RowState {
  selected: boolean;
  busy: boolean;
  /** What became of it in the last signing. */
  note: ItemState | null;
}

const notes: Partial<Record<ItemState, Key>> = {
  rejected: 'state.rejected',
  failed: 'state.failed',
  unknown: 'state.unknown',
  lost: 'state.lost',
  'not-reached': 'state.not-reached',
};

/** One letter of the inbox. The checkbox stays when the rest is drawn again, so that it never loses the focus. */
export class LetterRow {
  readonly view: HTMLElement;
  readonly #checkbox: HTMLInputElement;
  readonly #body: HTMLElement;
  readonly #actions: RowActions;
  #letter: Letter;
  #shown = '';
  #shift = false;

  constructor(letter: Letter, actions: RowActions) {
    this.#letter = letter;
    this.#actions = actions;
    const { id } = letter;
    this.#checkbox = element('input', {
      testid: `select-${id}`,
      attributes: { type: 'checkbox', id: `select-${id}`, 'aria-labelledby': `title-${id}` },
    });
    // a range may be marked with the keyboard as well: Shift with the space bar
    for (const kind of ['click', 'keydown'] as const)
      this.#checkbox.addEventListener(kind, (event) => {
        this.#shift = event.shiftKey;
      });
    this.#checkbox.addEventListener('change', () => actions.onSelect(this.#checkbox.checked, this.#shift));
    this.#body = element('div', { class: 'letter-body' });
    this.view = element('li', { class: 'letter', testid: `letter-${id}` }, [element('label', { class: 'tick' }, [this.#checkbox]), this.#body]);
  }

  get letter(): Letter {
    return this.#letter;
  }

  show(letter: Letter, state: RowState, language: string): void {
    this.#letter = letter;
    this.#checkbox.checked = state.selected;
    this.#checkbox.disabled = letter.signed !== null || state.busy;
    this.view.classList.toggle('selected', state.selected);
    this.view.dataset['status'] = letter.signed ? 'signed' : 'waiting';
    const key = JSON.stringify([letter.signed?.sha256, state.note, state.busy, language]);
    if (key === this.#shown) return;
    this.#shown = key;
    redraw(this.#body, ...this.#parts(letter, state));
  }

  #parts({ id, kind, title, number, sender, date, pages, signed, url }: Letter, { busy, note }: RowState): Child[] {
    const told = !signed && note ? notes[note] : undefined;
    const chip = signed
      ? ['good', say('state.stored-short'), 'stored']
      : told
        ? ['attention', say(told), note as string]
        : ['', say('state.waiting-short'), 'waiting'];
    const described = { 'aria-describedby': `title-${id}` };
    const signIt = button(say('inbox.sign'), this.#actions.onSign, { testid: `sign-${id}`, attributes: described });
    const look = element('a', {
      text: title,
      testid: `look-${id}`,
      attributes: { href: signed?.url ?? url, target: '_blank', rel: 'noopener' },
      onClick: this.#actions.onLook,
    });
    signIt.disabled = busy;
    return [
      element('p', { class: 'letter-top' }, [
        element('span', { class: 'kind', text: kind, attributes: { lang: 'id' } }),
        element('span', { class: `chip ${chip[0]}`, testid: `status-${id}`, attributes: { 'data-note': note } }, [
          sign(chip[2] as string),
          chip[1] as string,
        ]),
      ]),
      element('h2', { attributes: { id: `title-${id}`, lang: 'id' } }, [look]),
      element(
        'ul',
        { class: 'facts' },
        [number, sender, day(date), count('letter.pages', pages)].map((text) => element('li', { text })),
      ),
      element('p', { class: 'actions' }, [
        signed ? null : signIt,
        signed &&
          element('a', { class: 'quiet', text: say('inbox.check'), testid: `check-${id}`, attributes: { href: `#/periksa/${id}`, ...described } }),
      ]),
    ];
  }
}
