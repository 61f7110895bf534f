/** What the page finds out without an answer of the agent. The agent's own codes begin with `E-`. */
export type LocalCode =
  | 'L-AGEN-TIDAK-TERJANGKAU'
  | 'L-JAWABAN-TIDAK-DIKENAL'
  | 'L-BUKTI-DITOLAK'
  | 'L-NONCE-DITOLAK'
  | 'L-KODE-BERBEDA'
  | 'L-TIDAK-DIDAFTARKAN'
  | 'L-TIDAK-DITANDATANGANI';

interface LocalError {
  retriable: boolean;
  /** The sentence for the person, and the next step. */
  id: readonly [string, string];
  en: readonly [string, string];
}

export const localErrors: Record<LocalCode, LocalError> = {
  'L-AGEN-TIDAK-TERJANGKAU': {
    retriable: true,
    id: ['Jurukunci di komputer ini tidak menjawab.', 'Pastikan Jurukunci berjalan, lalu coba lagi.'],
    en: ['Jurukunci on this computer does not answer.', 'Make sure that Jurukunci is running, then try again.'],
  },
  'L-JAWABAN-TIDAK-DIKENAL': {
    retriable: false,
    id: ['Jawaban Jurukunci tidak dapat dipahami.', 'Perbarui Jurukunci atau muat ulang halaman ini.'],
    en: ['The answer of Jurukunci is not one of its protocol.', 'Update Jurukunci or reload this page.'],
  },
  'L-BUKTI-DITOLAK': {
    retriable: false,
    id: ['Program yang menjawab bukan Jurukunci yang dikenal aplikasi ini.', 'Jangan melanjutkan. Hubungi petugas TI.'],
    en: ['The program that answers is not the Jurukunci that this application knows.', 'Do not go on. Call your IT desk.'],
  },
  'L-NONCE-DITOLAK': {
    retriable: true,
    id: ['Permintaan ke server aplikasi sudah terlalu lama.', 'Coba lagi; bila terulang, muat ulang halaman ini.'],
    en: ['The nonce was too old for the application’s server, or used before.', 'Try again; if that repeats, reload this page.'],
  },
  'L-KODE-BERBEDA': {
    retriable: false,
    id: ['Kode di halaman ini tidak ditampilkan oleh jendela Jurukunci.', 'Jangan melanjutkan dengan program itu. Hubungi petugas TI bila terulang.'],
    en: ['The code of this page was not shown by the Jurukunci window.', 'Do not go on with that program. Call your IT desk if it happens again.'],
  },
  'L-TIDAK-DIDAFTARKAN': {
    retriable: false,
    id: ['Jurukunci di komputer ini belum didaftarkan.', 'Mulai lagi, dan cocokkan kode di halaman dengan kode di jendela Jurukunci.'],
    en: ['The Jurukunci on this computer was not enrolled.', 'Start again, and compare the code of the page with that of the Jurukunci window.'],
  },
  'L-TIDAK-DITANDATANGANI': {
    retriable: false,
    id: ['Dokumen tidak ditandatangani.', 'Periksa daftar dokumen, lalu mulai lagi bila perlu.'],
    en: ['The document was not signed.', 'Look at the list of documents, then start again if needed.'],
  },
};
