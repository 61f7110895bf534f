import type { AgentConnection } from './agent';
import { element } from './element';
import { errorView } from './error-view';
import { letterCard } from './letter-card';
import * as office from './office';
import type { Preview } from './preview';
import { progressView } from './progress-view';
import { resultView } from './result-view';
import { signLetter } from './sign-letter';

/** The list of letters. One letter is being signed at a time; what became of the last one stays on its card. */
export class Inbox {
  #letters: office.Letter[] = [];
  #activity: { id: string; view: HTMLElement } | null = null;
  #busy = false;
  readonly #place: HTMLElement;
  readonly #connection: AgentConnection;
  readonly #preview: Preview;
  readonly #onNoAgent: () => void;

  constructor(place: HTMLElement, connection: AgentConnection, preview: Preview, onNoAgent: () => void) {
    this.#place = place;
    this.#connection = connection;
    this.#preview = preview;
    this.#onNoAgent = onNoAgent;
  }

  async load(): Promise<void> {
    try {
      this.#letters = await office.letters();
    } catch (error) {
      this.#place.replaceChildren(errorView(error));
      return;
    }
    this.#draw();
    const first = this.#letters[0];
    if (first && this.#preview.usable) this.#preview.show(first);
  }

  #draw(): void {
    this.#place.replaceChildren(...this.#letters.map((letter) => {
      const activity = element('div', { class: 'activity' }, this.#activity?.id === letter.id ? [this.#activity.view] : []);
      return letterCard(letter, activity, {
        onSign: () => void this.#sign(letter),
        onLook: (event) => {
          if (!this.#preview.usable) return;
          event.preventDefault();
          this.#preview.show(letter);
        },
      });
    }));
    for (const button of this.#place.querySelectorAll<HTMLButtonElement>('button[data-testid^="sign-"]')) button.disabled = this.#busy;
  }

  async #sign(letter: office.Letter): Promise<void> {
    const stop = new AbortController();
    const progress = progressView(() => stop.abort());
    this.#busy = true;
    this.#draw();
    if (this.#preview.usable) this.#preview.show(letter); // what is about to be signed should lie open
    const session = await this.#connection.connect();
    if (!session) {
      this.#busy = false;
      this.#activity = null;
      this.#draw();
      this.#onNoAgent();
      return;
    }
    this.#show(letter, progress.view);
    try {
      const signed = await signLetter(session, letter, progress.show, stop.signal);
      this.#letters = this.#letters.map((one) => one.id === letter.id ? signed.letter : one);
      this.#end(letter, resultView(signed));
      if (this.#preview.usable) this.#preview.show(signed.letter);
    } catch (error) {
      this.#end(letter, errorView(error));
    }
    void this.#connection.connect(); // PIN tries, a pulled token or a stopped agent show at once
  }

  #show({ id }: office.Letter, view: HTMLElement): void {
    this.#activity = { id, view };
    this.#draw();
    view.focus({ preventScroll: true });
    view.scrollIntoView({ block: 'nearest' });
  }

  #end(letter: office.Letter, view: HTMLElement): void {
    this.#busy = false;
    this.#show(letter, view);
  }
}
