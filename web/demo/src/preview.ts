import { element, paragraph } from './element';
import type { Letter } from './office';
import { say } from './words';

/** The reading pane beside the list. Where there is no room or no PDF viewer, letters open in a tab of their own. */
export class Preview {
  #shown = '';
  readonly #place: HTMLElement;

  constructor(place: HTMLElement) {
    this.#place = place;
    // the frame takes the focus into a document of its own, where our style sheet cannot show it
    window.addEventListener('blur', () => place.classList.toggle('reading', place.contains(document.activeElement)));
    window.addEventListener('focus', () => place.classList.remove('reading'));
    this.speak();
  }

  get usable(): boolean {
    return navigator.pdfViewerEnabled && getComputedStyle(this.#place).display !== 'none';
  }

  get empty(): boolean {
    return this.#shown === '';
  }

  /** In the language of now. */
  speak(): void {
    this.#place.setAttribute('aria-label', say('preview.label'));
    if (this.#shown === '') this.#place.replaceChildren(paragraph(say('preview.hint'), 'hint'));
  }

  show({ url, title, signed }: Letter): void {
    const file = signed?.url ?? url;
    if (file === this.#shown) return;
    this.#shown = file;
    // a new frame each time: changing the address of the old one would fill the way back with letters
    const frame = element('iframe', {
      attributes: { src: `${file}#toolbar=0&navpanes=0&view=FitH`, title: say('preview.title', { title }), tabindex: '-1' },
    });
    // Tab into a viewer that is not there yet comes back some time later, and takes the focus from where the person has gone meanwhile
    frame.addEventListener('load', () => frame.removeAttribute('tabindex'), { once: true });
    this.#place.replaceChildren(frame);
  }
}
