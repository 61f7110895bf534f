/** Why something was refused. Tell the page the reason and the sentence; `message` is for the server's log. */
export type Reason =
  | 'malformed' | 'wrong-nonce' | 'wrong-port' | 'wrong-environment' | 'expired' | 'outdated' | 'unknown-agent' | 'bad-signature'
  | 'algorithm' | 'key-usage' | 'not-valid-now' | 'untrusted' | 'revoked';

export interface Fault {
  ok: false;
  reason: Reason;
  /** For the log, English; names the field or certificate. No secrets, and what came from outside is quoted and cut. */
  message: string;
  /** For the person, with the next step. */
  userMessage: { id: string; en: string };
}

const sentences: Record<Reason, { id: string; en: string }> = {
  malformed: {
    id: 'Data dari halaman tidak dapat dibaca. Muat ulang halaman, lalu coba lagi.',
    en: 'What the page sent cannot be read. Reload the page, then try again.',
  },
  'wrong-nonce': {
    id: 'Permintaan ini sudah dipakai atau terlalu lama. Coba lagi.',
    en: 'This request was used already or is too old. Try again.',
  },
  'wrong-port': {
    id: 'Program yang menjawab tidak berada di tempat Jurukunci. Jangan melanjutkan, hubungi petugas TI.',
    en: 'The program that answers is not where Jurukunci is. Do not go on; call your IT desk.',
  },
  'wrong-environment': {
    id: 'Jurukunci di komputer ini berjalan di lingkungan lain (uji atau produksi). Hubungi petugas TI.',
    en: 'Jurukunci on this computer runs in the other environment (test or production). Call your IT desk.',
  },
  expired: {
    id: 'Sesi dengan Jurukunci sudah berakhir. Coba lagi; bila terulang, periksa jam komputer.',
    en: 'The session with Jurukunci is over. Try again; if that repeats, look at the clock of the computer.',
  },
  outdated: {
    id: 'Jurukunci di komputer ini terlalu lama. Minta petugas TI memperbaruinya.',
    en: 'Jurukunci on this computer is too old. Ask your IT desk for the update.',
  },
  'unknown-agent': {
    id: 'Jurukunci di komputer ini belum dikenal aplikasi. Daftarkan dulu dengan mencocokkan kode.',
    en: 'The application does not know the Jurukunci on this computer. Enrol it first, by comparing a code.',
  },
  'bad-signature': {
    id: 'Program yang menjawab bukan Jurukunci yang dikenal aplikasi. Jangan melanjutkan, hubungi petugas TI.',
    en: 'The program that answers is not the Jurukunci that the application knows. Do not go on; call your IT desk.',
  },
  algorithm: {
    id: 'Sertifikat memakai algoritma yang tidak diterima aplikasi. Hubungi petugas TI.',
    en: 'The certificate uses an algorithm that the application does not accept. Call your IT desk.',
  },
  'key-usage': {
    id: 'Sertifikat ini tidak untuk masuk ke aplikasi. Pilih sertifikat lain atau hubungi petugas RA.',
    en: 'This certificate is not meant for logging in. Choose another one, or ask the RA desk.',
  },
  'not-valid-now': {
    id: 'Sertifikat belum berlaku atau sudah habis masa berlakunya. Hubungi petugas RA.',
    en: 'The certificate is not valid yet, or not any more. Ask the RA desk.',
  },
  untrusted: {
    id: 'Sertifikat tidak diterbitkan oleh penerbit yang diakui aplikasi. Hubungi petugas RA.',
    en: 'The certificate was not issued by an issuer that the application recognises. Ask the RA desk.',
  },
  revoked: {
    id: 'Sertifikat sudah dicabut. Hubungi petugas RA.',
    en: 'The certificate was revoked. Ask the RA desk.',
  },
};

export function fault(reason: Reason, message: string): Fault {
  return { ok: false, reason, message, userMessage: sentences[reason] };
}

/** A value from outside, fit for one line of a log. */
export function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 100);
}
