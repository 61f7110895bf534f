import { JurukunciError } from '@jurukunci/client';
import { element } from './element';
import { OfficeError } from './office';
import { NotStored } from './sign-letter';

interface Trouble {
  code: string;
  title: string;
  userMessage: string;
  remedy?: string | null;
  citation?: string | null;
  /** The person's own decision is no fault. */
  tone: 'bad' | 'quiet';
  signed?: Blob;
}

const decisions = ['E-DIBATALKAN-PENANDA-TANGAN', 'E-DIBATALKAN-APLIKASI', 'E-DOKUMEN-DIKELUARKAN'];

export function errorView(error: unknown): HTMLElement {
  const { code, title, userMessage, remedy, citation, tone, signed } = troubleOf(error);
  return element('div', { class: `error ${tone}`, testid: 'error', attributes: { role: 'alert', tabindex: '-1', 'data-code': code } }, [
    element('h3', { text: title }),
    element('p', { testid: 'error-message', text: userMessage }),
    remedy ? element('p', { testid: 'error-remedy', text: remedy }) : null,
    citation ? element('p', { class: 'citation', testid: 'error-citation', text: `Dasar: ${citation}` }) : null,
    signed ? element('p', {}, [element('a', { class: 'button', text: 'Simpan surat yang sudah ditandatangani', testid: 'download', attributes: { href: URL.createObjectURL(signed), download: 'surat-ttd.pdf' } })]) : null,
    element('p', { class: 'code', text: `Kode: ${code}` }),
  ]);
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof DOMException && error.name === 'AbortError') {
    return { code: 'L-DIBATALKAN', tone: 'quiet', title: 'Dibatalkan', userMessage: 'Tidak ada yang ditandatangani.' };
  }
  if (error instanceof JurukunciError) {
    const { code, userMessage, remedy, citation } = error;
    const decided = decisions.includes(code);
    return { code, userMessage, remedy, citation, tone: decided ? 'quiet' : 'bad', title: decided ? 'Dibatalkan' : 'Surat tidak ditandatangani' };
  }
  if (error instanceof NotStored) {
    return {
      code: error.reason.code, tone: 'bad', signed: error.signed, title: 'Surat sudah ditandatangani, tetapi belum tersimpan di server',
      userMessage: error.reason.userMessage, remedy: 'Simpan berkasnya sekarang, lalu sampaikan kepada pengelola aplikasi.',
    };
  }
  if (error instanceof OfficeError) {
    return { code: error.code, tone: 'bad', title: 'Surat tidak ditandatangani', userMessage: error.userMessage };
  }
  console.error(error);
  return { code: 'L-KESALAHAN-HALAMAN', tone: 'bad', title: 'Terjadi kesalahan pada halaman ini', userMessage: 'Muat ulang halaman, lalu periksa status surat sebelum mencoba lagi.' };
}
