import { JurukunciError, type SignatureReport, type VerificationReport } from '@jurukunci/client';
import { element, type Child } from './element';
import type { SignedLetter } from './sign-letter';
import { dateAndTime } from './dates';
import { integrities, trusts, wordsForConclusion, wordsForNotChecked } from './verdict-words';

/** Who signed, what the agent found, what it did not look at, and where the letter is. */
export function resultView({ letter, operation, verdict }: SignedLetter): HTMLElement {
  const report = verdict instanceof JurukunciError ? null : verdict;
  const signature = report?.signatures.at(-1) ?? null; // ours is the newest
  return element('div', { class: 'result', testid: 'result', attributes: { tabindex: '-1', 'aria-label': 'Hasil penandatanganan' } }, [
    element('h3', { text: 'Surat sudah ditandatangani dan disimpan' }),
    operation.marking !== null && element('p', { class: 'marking', testid: 'marking', text: operation.marking }),
    signature && signerView(signature),
    report ? verdictView(report, signature) : verdictMissing(verdict as JurukunciError),
    element('p', { class: 'actions' }, [
      element('a', { class: 'button', text: 'Unduh surat', testid: 'download', attributes: { href: letter.signed?.url ?? null, download: `${letter.id}-ttd.pdf` } }),
      element('a', { class: 'quiet', text: 'Halaman pemeriksaan', testid: 'check-page', attributes: { href: `/cek/${letter.id}` } }),
    ]),
  ]);
}

function signerView({ signer, claimedTime }: SignatureReport): HTMLElement {
  return element('dl', { class: 'signer' }, [
    ...fact('Penanda tangan', signer?.commonName ?? 'tidak dapat dibaca', 'signer'),
    ...(signer ? fact('Penerbit sertifikat', commonNameOf(signer.issuer)) : []),
    ...(claimedTime ? fact('Waktu', `${dateAndTime(claimedTime)}, menurut jam komputer ini`) : []),
  ]);
}

function verdictView(report: VerificationReport, signature: SignatureReport | null): HTMLElement {
  const { sentence, tone } = wordsForConclusion(report);
  const isLimit = (code: string) => report.notChecked.some((what) => code.toLowerCase() === `${what}-not-checked`);
  return element('div', { class: `verdict ${tone}`, testid: 'verdict', attributes: { 'data-conclusion': report.conclusion } }, [
    element('p', { class: 'verdict-sentence', text: sentence }),
    signature && element('ul', {}, [
      element('li', { text: integrities[signature.integrity] }),
      element('li', { text: trusts[signature.trust] }),
      ...signature.warnings.filter(({ code }) => !isLimit(code)).map(({ text }) => element('li', { text })),
    ]),
    report.notChecked.length > 0 && element('div', { testid: 'not-checked' }, [
      element('p', { class: 'verdict-limits', text: 'Pemeriksaan ini tidak mencakup:' }),
      element('ul', {}, report.notChecked.map((what) => element('li', { text: wordsForNotChecked(what) }))),
    ]),
  ]);
}

function verdictMissing(error: JurukunciError): HTMLElement {
  return element('div', { class: 'verdict attention', testid: 'verdict', attributes: { 'data-conclusion': 'not-run' } }, [
    element('p', { class: 'verdict-sentence', text: 'Tanda tangan belum diperiksa' }),
    element('p', { text: error.userMessage }),
  ]);
}

function fact(name: string, value: string, testid?: string): Child[] {
  return [element('dt', { text: name }), element('dd', { text: value, ...(testid && { testid }) })];
}

/** The whole name where it has no common name of its own. */
function commonNameOf(distinguishedName: string): string {
  return /(?:^|,)\s*CN=((?:\\.|[^,\\])+)/.exec(distinguishedName)?.[1]?.replace(/\\(.)/g, '$1') ?? distinguishedName;
}
