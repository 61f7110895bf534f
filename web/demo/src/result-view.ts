import { JurukunciError, type SignatureReport, type VerificationReport } from '@jurukunci/client';
import { element, paragraph, sign, type Child } from './element';
import type { Letter } from './office';
import { commonNameOf, reportView } from './report-view';
import { dateAndTime, say } from './words';

/** Of one letter: who signed, what the agent found, what it did not look at, and where the letter is. */
export function resultView(letter: Letter, marking: string | null, verdict: VerificationReport | JurukunciError | null): HTMLElement {
  const report = verdict instanceof JurukunciError ? null : verdict;
  const signature = report?.signatures.at(-1) ?? null; // ours is the newest
  return element('div', { class: 'result', testid: 'result', attributes: { tabindex: '-1', role: 'group', 'aria-labelledby': 'result-title' } }, [
    element('h2', { attributes: { id: 'result-title' } }, [sign('good'), say('result.signed')]),
    element('p', { class: 'result-letter', text: letter.title, attributes: { lang: 'id' } }),
    marking !== null && element('p', { class: 'marking', testid: 'marking', text: marking, attributes: { lang: 'id' } }),
    signature && signerView(signature),
    report ? reportView(report, { compact: true }) : verdictMissing(verdict as JurukunciError | null),
    element('p', { class: 'actions' }, [
      element('a', {
        class: 'button',
        text: say('result.download'),
        testid: 'download',
        attributes: { href: letter.signed?.url ?? null, download: `${letter.id}-ttd.pdf` },
      }),
      element('a', { class: 'quiet', text: say('result.check-page'), testid: 'check-page', attributes: { href: `/cek/${letter.id}` } }),
    ]),
  ]);
}

function signerView({ signer, claimedTime }: SignatureReport): HTMLElement {
  const fact = (name: string, value: string, testid?: string): Child[] => [
    element('dt', { text: name }),
    element('dd', { text: value, ...(testid && { testid }) }),
  ];
  return element('dl', { class: 'signer' }, [
    ...fact(say('report.signer'), signer?.commonName ?? say('report.signer-unknown'), 'signer'),
    ...(signer ? fact(say('report.issuer'), commonNameOf(signer.issuer)) : []),
    ...(claimedTime ? fact(say('report.time'), say('report.claimed-time', { time: dateAndTime(claimedTime) })) : []),
  ]);
}

function verdictMissing(error: JurukunciError | null): HTMLElement {
  return element('div', { class: 'verdict attention', testid: 'verdict', attributes: { 'data-conclusion': 'not-run' } }, [
    element('p', { class: 'verdict-sentence' }, [sign('attention'), say('result.not-verified')]),
    error && paragraph(error.userMessage),
  ]);
}
