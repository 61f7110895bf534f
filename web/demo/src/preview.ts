import { element } from './element';
import type { Letter } from './office';

/** The reading pane beside the list. Where there is no room or no PDF viewer, letters open in a tab of their own. */
export class Preview {
  #shown = '';
  readonly #place: HTMLElement;

  constructor(place: HTMLElement) {
    this.#place = place;
    place.append(element('p', { class: 'hint', text: 'Pilih “Lihat surat” untuk membaca surat di sini.' }));
  }

  get usable(): boolean {
    return navigator.pdfViewerEnabled && getComputedStyle(this.#place).display !== 'none';
  }

  show({ url, title, signed }: Letter): void {
    const file = signed?.url ?? url;
    if (file === this.#shown) return;
    this.#shown = file;
    // a new frame each time: changing the address of the old one would fill the way back with letters
    this.#place.replaceChildren(element('iframe', { attributes: { src: `${file}#toolbar=0&navpanes=0&view=FitH`, title: `Isi surat: ${title}` } }));
  }
}
