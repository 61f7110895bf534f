import { element } from './element';
import type { Phase } from './sign-letter';

const sentences: Record<Phase, string> = {
  uploading: 'Menyerahkan surat kepada Jurukunci\u00a0…',
  preparing: 'Jurukunci menyiapkan surat\u00a0…',
  waiting_consent: 'Jawab pertanyaan di layar komputer Anda\u00a0…',
  signing: 'Token sedang menandatangani. Jangan cabut token\u00a0…',
  fetching: 'Mengambil surat yang sudah ditandatangani\u00a0…',
  verifying: 'Memeriksa tanda tangan\u00a0…',
  storing: 'Menyimpan surat di e-office\u00a0…',
};

const beforePin: Phase[] = ['uploading', 'preparing', 'waiting_consent'];

/** One line that changes its words; the element stays, so that it is read out once for each change. */
export function progressView(onCancel: () => void): { view: HTMLElement; show(phase: Phase): void } {
  const sentence = element('p', { attributes: { role: 'status' } });
  const hint = element('p', { class: 'hint', text: 'Jendela Jurukunci menampilkan surat ini dan meminta passphrase token. Passphrase tidak pernah diketik di halaman ini.' });
  const cancel = element('button', { class: 'quiet', text: 'Batalkan', testid: 'cancel', attributes: { type: 'button' }, onClick: onCancel });
  const view = element('div', { class: 'progress', testid: 'progress', attributes: { tabindex: '-1' } }, [
    element('span', { class: 'turning', attributes: { 'aria-hidden': 'true' } }), element('div', {}, [sentence, hint]), cancel,
  ]);
  return {
    view,
    show(phase) {
      view.dataset['phase'] = phase;
      sentence.textContent = sentences[phase];
      hint.hidden = phase !== 'waiting_consent';
      const hadFocus = document.activeElement === cancel;
      cancel.hidden = !beforePin.includes(phase);
      if (hadFocus && cancel.hidden) view.focus({ preventScroll: true });
    },
  };
}
