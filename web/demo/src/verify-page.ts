import { JurukunciError, release, upload, verify } from '@jurukunci/client';
import type { AgentConnection } from './agent';
import { announce } from './announce';
import { element, paragraph, redraw } from './element';
import { errorView } from './error-view';
import * as office from './office';
import { reportView } from './report-view';
import { say } from './words';

interface Checked {
  name: string;
  /** What the page shows below the choice; again in another language where the person asks for it. */
  draw: () => HTMLElement;
}

/** Any PDF of this computer, or a signed letter of the inbox; the agent looks at it, nothing is sent to the server. */
export class VerifyPage {
  readonly view = element('div', { class: 'verify', testid: 'verify-page' });
  #letters: office.Letter[] = [];
  #checked: Checked | null = null;
  #turn = 0;
  readonly #connection: AgentConnection;
  readonly #onNoAgent: () => void;
  readonly #choice = element('div', { class: 'card' });
  readonly #place = element('section', { class: 'verify-result', attributes: { tabindex: '-1' } });

  constructor(connection: AgentConnection, onNoAgent: () => void) {
    this.#connection = connection;
    this.#onNoAgent = onNoAgent;
    this.view.append(this.#choice, this.#place);
    this.speak();
  }

  speak(): void {
    this.#place.setAttribute('aria-label', say('verify.result'));
    this.#drawChoice();
    if (this.#checked) this.#show(this.#checked, false);
  }

  /** Fetches what can be picked; with an id that letter is checked at once. */
  async open(letterId: string | null): Promise<void> {
    this.#letters = (await office.letters().catch(() => [])).filter(({ signed }) => signed);
    this.#drawChoice();
    const letter = this.#letters.find(({ id }) => id === letterId);
    if (letter) await this.#checkLetter(letter);
  }

  #drawChoice(): void {
    const file = element('input', { testid: 'verify-file', attributes: { type: 'file', id: 'verify-file', accept: 'application/pdf,.pdf' } });
    file.addEventListener('change', () => {
      const [one] = file.files ?? [];
      if (one) void this.#check(one.name, async () => one);
    });
    const pick = element('select', { testid: 'verify-letter', attributes: { id: 'verify-letter' } }, [
      element('option', { text: say(this.#letters.length > 0 ? 'verify.pick' : 'verify.none-signed'), attributes: { value: '' } }),
      ...this.#letters.map(({ id, number, title }) => element('option', { text: `${number} · ${title}`, attributes: { value: id, lang: 'id' } })),
    ]);
    pick.disabled = this.#letters.length === 0;
    pick.addEventListener('change', () => {
      const letter = this.#letters.find(({ id }) => id === pick.value);
      if (letter) void this.#checkLetter(letter);
    });
    this.#choice.ondragover = (event) => event.preventDefault();
    this.#choice.ondrop = (event) => {
      event.preventDefault();
      const [one] = event.dataTransfer?.files ?? [];
      if (one) void this.#check(one.name, async () => one);
    };
    redraw(
      this.#choice,
      paragraph(say('verify.intro')),
      element('div', { class: 'filters' }, [
        element('p', { class: 'field' }, [element('label', { text: say('verify.file'), attributes: { for: 'verify-file' } }), file]),
        element('p', { class: 'field' }, [element('label', { text: say('verify.letter'), attributes: { for: 'verify-letter' } }), pick]),
      ]),
    );
  }

  #checkLetter(letter: office.Letter): Promise<void> {
    return this.#check(letter.title, async () => {
      const response = await fetch(letter.signed?.url ?? letter.url, { cache: 'no-store' });
      if (!response.ok) throw new office.OfficeError('S-KESALAHAN-SERVER', say('office.fault'));
      return response.blob();
    });
  }

  async #check(name: string, read: () => Promise<Blob>): Promise<void> {
    const turn = ++this.#turn; // an answer to an earlier question must not take the place of a later one
    const session = await this.#connection.connect();
    if (!session) return this.#onNoAgent();
    this.#show({ name, draw: () => element('p', { class: 'sentence', testid: 'verifying', text: say('verify.running') }) });
    let checked: Checked;
    try {
      const { id, size, pages, sha256 } = await upload(session, await read());
      const report = await verify(session, id);
      void release(session, id).catch(() => {});
      checked = {
        name,
        draw: () =>
          element('div', { testid: 'verify-report' }, [
            reportView(report),
            element('p', { class: 'technical' }, [
              say('verify.facts', { size: String(size), pages: pages === null ? '–' : String(pages) }),
              ' SHA-256 ',
              element('span', { class: 'digest', text: sha256 }),
            ]),
          ]),
      };
    } catch (error) {
      if (!(error instanceof JurukunciError) && !(error instanceof office.OfficeError)) throw error;
      checked = { name, draw: () => errorView(error, { title: say('verify.failed') }) };
    }
    if (turn === this.#turn) this.#show(checked);
  }

  #show(checked: Checked, announceIt = true): void {
    this.#checked = checked;
    redraw(this.#place, element('h2', { text: checked.name, attributes: { lang: 'id' } }), checked.draw());
    if (!announceIt) return;
    announce(this.#place.querySelector('.verdict-sentence, .sentence, h2 + .error h2')?.textContent ?? checked.name);
    this.#place.focus({ preventScroll: true });
    this.#place.scrollIntoView({ block: 'nearest' });
  }
}
