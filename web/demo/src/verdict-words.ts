import type { SignatureReport, VerificationReport } from '@jurukunci/client';

type Tone = 'good' | 'attention' | 'bad';

const conclusions: Record<VerificationReport['conclusion'], { sentence: string; tone: Tone }> = {
  'valid': { sentence: 'Tanda tangan sah menurut pemeriksaan di komputer ini', tone: 'good' },
  'not-valid': { sentence: 'Tanda tangan tidak dapat dinyatakan sah', tone: 'bad' },
  'no-signature': { sentence: 'Tidak ada tanda tangan di dalam berkas', tone: 'bad' },
  'unreadable': { sentence: 'Berkas tidak dapat dibaca', tone: 'bad' },
};

export function wordsForConclusion({ conclusion, environment }: VerificationReport): { sentence: string; tone: Tone } {
  // "sah" beside the marking "tidak sah" would leave the reader with the wrong one of the two
  if (conclusion === 'valid' && environment === 'uji') return { sentence: 'Tanda tangan uji ini cocok menurut pemeriksaan di komputer ini, tetapi tidak berlaku', tone: 'good' };
  return conclusions[conclusion];
}

export const integrities: Record<SignatureReport['integrity'], string> = {
  'intact': 'Isi surat utuh sejak ditandatangani.',
  'modified-after-signing': 'Isi surat berubah setelah ditandatangani.',
  'certified-violation': 'Isi surat berubah melampaui yang diizinkan penanda tangan pertama.',
  'invalid': 'Tanda tangan tidak cocok dengan isi surat.',
};

export const trusts: Record<SignatureReport['trust'], string> = {
  'trusted': 'Sertifikat diterbitkan oleh penerbit yang diakui.',
  'unknown': 'Penerbit sertifikat tidak dikenal.',
  'expired': 'Masa berlaku sertifikat sudah habis.',
  'revoked': 'Sertifikat sudah dicabut.',
  'not-checked': 'Penerbit sertifikat tidak diperiksa.',
};

const limits: Record<string, string> = {
  revocation: 'apakah sertifikat sudah dicabut oleh penerbitnya',
  timestamp: 'kapan surat ditandatangani menurut pihak ketiga (tanpa cap waktu)',
  'form-filling-permissions': 'apakah isian formulir yang ditambahkan kemudian memang diizinkan',
  'shadow-content': 'apakah surat memuat isi tersembunyi yang dapat dimunculkan kemudian',
};

/** What a newer agent names is shown as it is: an unknown limit of the verdict is still a limit. */
export function wordsForNotChecked(what: string): string {
  return limits[what] ?? what;
}
