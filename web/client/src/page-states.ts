import type { Language } from './errors.js';
import type { PageState } from './connection.js';

const sentences: Record<PageState, Record<Language, readonly [string, string]>> = {
  'ready': { id: ['Jurukunci siap.', ''], en: ['Jurukunci is ready.', ''] },
  'absent': {
    id: ['Jurukunci tidak ditemukan di komputer ini.', 'Jalankan Jurukunci, lalu coba lagi. Bila belum terpasang, hubungi petugas TI.'],
    en: ['Jurukunci was not found on this computer.', 'Start Jurukunci, then try again. If it is not installed, call your IT desk.'],
  },
  'waiting-for-browser': {
    id: ['Peramban sedang meminta izin.', 'Pilih "Izinkan" pada pertanyaan peramban tentang aplikasi di perangkat ini.'],
    en: ['The browser is asking for permission.', 'Choose "Allow" in the browser’s question about apps on this device.'],
  },
  'blocked': {
    id: ['Peramban tidak mengizinkan halaman ini menghubungi Jurukunci.',
      'Ubah izin situs ini di samping alamatnya, lalu muat ulang, atau hubungi petugas TI.'],
    en: ['The browser does not let this page reach Jurukunci.',
      'Change the permissions of this site beside its address, then reload, or call your IT desk.'],
  },
  'outdated': {
    id: ['Jurukunci di komputer ini terlalu lama.', 'Minta petugas TI memperbaruinya.'],
    en: ['Jurukunci on this computer is too old.', 'Ask your IT desk for the update.'],
  },
  'unenrolled': {
    id: ['Jurukunci di komputer ini belum didaftarkan.', 'Daftarkan dengan mencocokkan kode di halaman ini dengan kode di jendela Jurukunci.'],
    en: ['The Jurukunci on this computer is not enrolled.', 'Enrol it: compare the code on this page with that of the Jurukunci window.'],
  },
};

/** A sentence for the person about the state of the page, and the next step. Use them or write your own. */
export function explain(state: PageState, language: Language = 'id'): { userMessage: string; remedy: string | null } {
  const [userMessage, remedy] = sentences[state][language];
  return { userMessage, remedy: remedy || null };
}
