import { element, paragraph, redraw } from './element';
import type { Letter } from './office';
import type { Filter } from './selection';
import { count, say } from './words';

/** What is shown of the inbox, and the box that chooses all of it. */
export class FilterBar {
  readonly view = element('div', { class: 'tools' });
  filter: Filter = { words: '', kind: '', status: 'waiting' };
  #kinds: string[] = [];
  readonly #all = element('input', { testid: 'select-all', attributes: { type: 'checkbox', id: 'select-all' } });
  readonly #shownCount = element('p', { class: 'hint', testid: 'shown-count', attributes: { role: 'status' } });
  readonly #onFilter: () => void;

  constructor(onFilter: () => void, onAll: (on: boolean) => void) {
    this.#onFilter = onFilter;
    this.#all.addEventListener('change', () => onAll(this.#all.checked));
  }

  /** The kinds that there are to choose from. */
  know(letters: Letter[]): void {
    const kinds = [...new Set(letters.map(({ kind }) => kind))].sort();
    if (kinds.join() === this.#kinds.join()) return; // who is typing keeps the field
    this.#kinds = kinds;
    this.speak();
  }

  /** All texts again, in the language of now. */
  speak(): void {
    const { words, kind, status } = this.filter;
    const search = element('input', { testid: 'search', attributes: { type: 'search', id: 'search', autocomplete: 'off', value: words } });
    search.addEventListener('input', () => this.#to({ words: search.value }));
    const kinds: [string, string][] = [['', say('filter.every-kind')], ...this.#kinds.map((one): [string, string] => [one, one])];
    const states: [Filter['status'], string][] = [['waiting', say('filter.waiting')], ['signed', say('filter.signed')], ['all', say('filter.all')]];
    const form = element('form', { class: 'filters', attributes: { role: 'search', 'aria-label': say('filter.label') } }, [
      field('search', say('filter.search'), search),
      field('filter-kind', say('filter.kind'), choice('filter-kind', kinds, kind, (chosen) => this.#to({ kind: chosen }))),
      field('filter-status', say('filter.status'), choice('filter-status', states, status, (chosen) => this.#to({ status: chosen }))),
    ]);
    form.addEventListener('submit', (event) => event.preventDefault());
    const choose = [element('label', { class: 'tick-all' }, [this.#all, ` ${say('selection.all')}`]), this.#shownCount];
    redraw(this.view, form, element('div', { class: 'choose' }, choose), paragraph(say('selection.range-hint'), 'hint range-hint'));
  }

  show(numbers: { letters: number; shown: number; waiting: number; chosen: number; busy: boolean }): void {
    const { letters, shown, waiting, chosen, busy } = numbers;
    this.#all.checked = waiting > 0 && chosen === waiting;
    this.#all.indeterminate = chosen > 0 && chosen < waiting;
    this.#all.disabled = waiting === 0 || busy;
    this.#shownCount.textContent = count('inbox.shown', shown, { total: letters });
  }

  #to(change: Partial<Filter>): void {
    this.filter = { ...this.filter, ...change };
    this.#onFilter();
  }
}

function choice<T extends string>(id: string, options: [T, string][], chosen: string, onChange: (value: T) => void): HTMLSelectElement {
  const made = options.map(([value, text]) => element('option', { text, attributes: { value, selected: value === chosen ? '' : null } }));
  const select = element('select', { testid: id, attributes: { id } }, made);
  select.addEventListener('change', () => onChange(select.value as T));
  return select;
}

function field(id: string, label: string, control: HTMLElement): HTMLElement {
  return element('p', { class: 'field' }, [element('label', { text: label, attributes: { for: id } }), control]);
}
