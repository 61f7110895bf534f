import { JurukunciError } from '@jurukunci/client';
import { announce } from './announce';
import { button, element, paragraph, redraw, sign } from './element';
import { errorView } from './error-view';
import { resultView } from './result-view';
import type { ItemState, Phase, Run, RunItem } from './run';
import { clock, count, say, type Counted, type Key } from './words';

export interface RunActions {
  onCancel: () => void;
  /** Signs these with a new consent. */
  onSignRemaining: (run: Run, includeUncertain: boolean) => void;
  onBringAgain: (run: Run) => void;
  onClose: () => void;
}

const uncertain: ItemState[] = ['unknown', 'lost'];
const remaining: ItemState[] = ['not-reached', 'failed', 'waiting'];

/** The signing that is going on, and what came of it. Drawn once, then only its words, its bar and its list change. */
export class RunView {
  readonly view: HTMLElement;
  readonly #run: Run;
  readonly #actions: RunActions;
  readonly #sentence = element('p', { class: 'sentence', testid: 'sentence' });
  readonly #hint = element('p', { class: 'hint' });
  readonly #bar = element('progress', { testid: 'progress-bar' });
  readonly #count = element('p', { class: 'count', testid: 'progress-count' });
  readonly #cancel: HTMLButtonElement;
  readonly #list: HTMLElement;
  readonly #rows: HTMLElement[];
  #phase: Phase | null = null;
  #told = '';
  #quarter = 0;

  constructor(run: Run, actions: RunActions) {
    this.#run = run;
    this.#actions = actions;
    this.#cancel = button(say('run.cancel'), actions.onCancel, { testid: 'cancel' });
    this.#rows = run.items.map(() => element('li', { testid: 'run-item' }));
    this.#list = element(
      'div',
      { class: 'run-list', testid: 'run-list', attributes: { role: 'region', tabindex: '0', 'aria-label': say('run.list') } },
      [element('ul', {}, this.#rows)],
    );
    this.view = element('div');
    this.#draw();
  }

  get #single(): boolean {
    return this.#run.items.length === 1;
  }

  update(): void {
    if (this.#run.phase === 'ended' || this.#phase === null) this.#draw();
    else this.#refresh();
  }

  focus(): void {
    const target = this.view.querySelector<HTMLElement>('[data-testid=progress],[data-testid=result],[data-testid=error]');
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: 'nearest' });
  }

  #draw(): void {
    const { phase } = this.#run;
    this.#rows.forEach((row, i) => showItem(row, this.#run.items[i] as RunItem, phase === 'ended'));
    if (phase === 'ended') {
      redraw(this.view, this.#end());
      return;
    }
    redraw(
      this.view,
      element('div', { class: 'progress', testid: 'progress', attributes: { tabindex: '-1', role: 'group', 'aria-labelledby': 'run-title' } }, [
        element('div', { class: 'progress-top' }, [
          element('span', { class: 'turning', attributes: { 'aria-hidden': 'true' } }),
          element('div', {}, [element('h2', { attributes: { id: 'run-title' } }, [this.#heading()]), this.#sentence, this.#hint]),
          this.#cancel,
        ]),
        this.#single ? null : element('div', { class: 'progress-bar' }, [this.#bar, this.#count]),
        this.#single ? null : this.#list,
      ]),
    );
    this.#refresh();
  }

  #heading(): Node | string {
    const { items, resumed, elsewhere, batch } = this.#run;
    if (resumed && !elsewhere) return say('run.resumed', { letters: count('letters', items.length), time: clock(batch.createdAt) });
    return this.#single ? element('span', { text: items[0]?.letter.title ?? '', attributes: { lang: 'id' } }) : count('run.signing', items.length);
  }

  #refresh(): void {
    const run = this.#run,
      total = run.items.length;
    const place = this.view.querySelector<HTMLElement>('[data-testid=progress]');
    if (place) place.dataset['phase'] = run.phase;
    const sentence = run.elsewhere ? say('run.elsewhere') : say(`phase.${run.phase}` as Key);
    if (this.#phase !== run.phase || this.#told !== sentence) {
      this.view.querySelector('#run-title')?.replaceChildren(this.#heading());
      this.#phase = run.phase;
      this.#told = sentence;
      this.#sentence.textContent = sentence;
      announce(sentence);
    }
    this.#hint.textContent = run.phase === 'waiting_consent' ? say('run.consent-hint') : run.phase === 'signing' ? say('run.signing-hint') : '';
    this.#hint.hidden = this.#hint.textContent === '';
    const hadFocus = document.activeElement === this.#cancel;
    this.#cancel.hidden = !run.cancellable;
    if (hadFocus && this.#cancel.hidden) place?.focus({ preventScroll: true });
    const done = run.phase === 'uploading' ? run.uploaded : run.phase === 'storing' ? run.number('stored') : run.number('signed', 'stored');
    const whole = run.phase === 'storing' ? run.number('stored', 'signed') : total;
    this.#bar.max = whole;
    this.#bar.value = done;
    const words = count(
      ({ uploading: 'run.count-uploaded', storing: 'run.count-stored' } as Partial<Record<Phase, Counted>>)[run.phase] ?? 'run.count-signed',
      whole,
      { done },
    );
    this.#bar.setAttribute('aria-label', words);
    this.#count.textContent = words;
    const quarter = Math.floor((4 * done) / whole);
    if (run.phase === 'signing' && quarter > this.#quarter && !this.#single) announce(words);
    this.#quarter = quarter;
    this.#rows.forEach((row, i) => showItem(row, run.items[i] as RunItem, false));
  }

  #end(): HTMLElement {
    const run = this.#run,
      [only] = run.items;
    const close = element('p', { class: 'actions' }, [button(say('run.close'), this.#actions.onClose, { testid: 'close-run' })]);
    if (this.#single && only?.state === 'stored') {
      const view = resultView(only.letter, run.marking, run.verdict);
      view.lastElementChild?.append(...close.childNodes);
      return view;
    }
    const view = run.number('stored', 'signed', 'unknown', 'lost') === 0 ? this.#nothingSigned() : this.#summary();
    view.append(close);
    return view;
  }

  #nothingSigned(): HTMLElement {
    const run = this.#run;
    const why =
      run.error ??
      JurukunciError.fromWire(run.operation?.error) ??
      run.items.find(({ error }) => error)?.error ??
      JurukunciError.fromWire({ code: 'L-TIDAK-DITANDATANGANI', userMessage: say('error.nothing-signed') });
    const silent = why instanceof JurukunciError && why.code === 'L-AGEN-TIDAK-TERJANGKAU' && run.batch.ordered;
    const untouched = run.number('waiting', 'sealed', 'not-reached') === run.items.length; // then the list would only say so sixty times
    return errorView(why, {
      ...(silent && { title: say('run.silent') }),
      more: [silent ? paragraph(say('run.silent-remedy')) : null, untouched ? null : this.#list],
    });
  }

  #summary(): HTMLElement {
    const run = this.#run,
      number = (...states: ItemState[]) => run.number(...states);
    const rest = number(...remaining),
      doubtful = number(...uncertain),
      unstored = number('signed'),
      stored = number('stored');
    const whole = stored === run.items.length;
    const line = (sign_: string, tone: string, stem: Counted, n: number) =>
      n === 0
        ? null
        : element('li', { class: `finding ${tone}`, testid: `number-${stem.split('.').at(-1)}`, attributes: { 'data-number': String(n) } }, [
            sign(sign_),
            element('span', { text: count(stem, n) }),
          ]);
    const reason =
      whole || rest + doubtful === 0 ? null : (JurukunciError.fromWire(run.operation?.error) ?? (run.error instanceof Error ? run.error : null));
    const withDoubtful = element('input', { testid: 'include-uncertain', attributes: { type: 'checkbox', id: 'include-uncertain' } });
    const again = button('', () => this.#actions.onSignRemaining(run, withDoubtful.checked), { class: 'button', testid: 'sign-remaining' });
    const label = () => {
      const n = rest + (withDoubtful.checked ? doubtful : 0);
      again.textContent = count('run.sign-remaining', n);
      again.disabled = n === 0;
    };
    withDoubtful.addEventListener('change', label);
    label();
    return element(
      'div',
      {
        class: `result ${whole ? '' : 'partial'}`,
        testid: unstored > 0 && this.#single ? 'error' : 'result',
        attributes: {
          tabindex: '-1',
          role: 'group',
          'aria-labelledby': 'result-title',
          'data-code': unstored > 0 ? (run.items.find(({ state, error }) => state === 'signed' && error)?.error?.code ?? null) : null,
        },
      },
      [
        element('h2', {
          text: say(whole ? 'run.all-signed' : 'run.partly-signed', { done: stored, total: run.items.length }),
          attributes: { id: 'result-title' },
        }),
        run.resumed ? paragraph(say('run.was-resumed', { time: clock(run.batch.createdAt) }), 'hint') : null,
        run.marking !== null &&
          stored + unstored > 0 &&
          element('p', { class: 'marking', testid: 'marking', text: run.marking, attributes: { lang: 'id' } }),
        reason instanceof JurukunciError
          ? element('div', { class: 'reason', testid: 'reason', attributes: { 'data-code': reason.code } }, [
              paragraph(reason.userMessage),
              reason.remedy ? paragraph(reason.remedy) : null,
            ])
          : null,
        element('ul', { class: 'findings', testid: 'summary' }, [
          line('good', 'good', 'summary.stored', stored),
          line('bad', 'bad', 'summary.signed', unstored),
          line('rejected', '', 'summary.rejected', number('rejected')),
          line('unknown', 'attention', 'summary.unknown', number('unknown')),
          line('unknown', 'attention', 'summary.lost', number('lost')),
          line('waiting', '', 'summary.not-reached', number('not-reached', 'waiting')),
          line('bad', 'bad', 'summary.failed', number('failed')),
        ]),
        unstored > 0
          ? element('p', { class: 'actions' }, [
              button(say('run.bring-again'), () => this.#actions.onBringAgain(run), { class: 'button', testid: 'bring-again' }),
            ])
          : null,
        doubtful > 0
          ? element('p', { class: 'choice' }, [element('label', {}, [withDoubtful, ` ${count('run.include-uncertain', doubtful)}`])])
          : null,
        rest + doubtful > 0 ? element('p', { class: 'actions' }, [again]) : null,
        rest + doubtful > 0 ? paragraph(say('run.new-consent'), 'hint') : null,
        this.#single ? null : this.#list,
      ],
    );
  }
}

export function remainingLetters(run: Run, includeUncertain: boolean) {
  return run.letters(...remaining, ...(includeUncertain ? uncertain : []));
}

/** State and title; where something went wrong, why. A list row is drawn again only when it says something else. */
function showItem(row: HTMLElement, { letter, state, error }: RunItem, ended: boolean): void {
  const shown: ItemState = ended && state === 'waiting' ? 'not-reached' : state;
  const why = error && shown !== 'rejected' && shown !== 'not-reached' ? error.userMessage : '';
  const words = [say(`state.${shown}`), letter.title, why].join('\n');
  if (row.dataset['words'] === words) return;
  row.dataset['words'] = words;
  row.dataset['state'] = shown;
  row.dataset['letter'] = letter.id;
  row.className = `item ${shown}`;
  row.replaceChildren(
    element('span', { class: 'item-state' }, [sign(shown), say(`state.${shown}`)]),
    element('span', { class: 'item-title', text: letter.title, attributes: { lang: 'id' } }),
    ...(why ? [element('span', { class: 'item-why', text: why })] : []),
  );
}
