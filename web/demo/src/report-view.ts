import type { SignatureReport, VerificationReport } from '@jurukunci/client';
import { element, paragraph, sign, type Child } from './element';
import { count, dateAndTime, say, sayIfKnown, type Key } from './words';

type Tone = 'good' | 'attention' | 'bad';

const tones: Record<VerificationReport['conclusion'], Tone> = {
  'valid': 'good',
  'not-valid': 'bad',
  'no-signature': 'attention',
  'unreadable': 'bad',
};

/** The agent's whole report in words: the conclusion, each signature, and what nobody looked at. */
export function reportView(report: VerificationReport, { compact = false } = {}): HTMLElement {
  const { conclusion, environment, signatures, notChecked } = report;
  // "sah" beside the marking "tidak sah" would leave the reader with the wrong one of the two
  const test = conclusion === 'valid' && environment === 'uji';
  const several = signatures.length > 1;
  return element('div', { class: `verdict ${tones[conclusion]}`, testid: 'verdict', attributes: { 'data-conclusion': conclusion } }, [
    element('p', { class: 'verdict-sentence' }, [sign(tones[conclusion]), say(test ? 'conclusion.valid-test' : (`conclusion.${conclusion}` as Key))]),
    'reason' in report && typeof report.reason === 'string'
      ? element('p', { class: 'technical', text: report.reason, attributes: { lang: 'en' } })
      : null,
    several && paragraph(count('report.signatures', signatures.length)),
    ...signatures.map((signature, i) => signatureView(signature, report, several ? i + 1 : null, compact)),
    notChecked.length > 0 &&
      element('div', { testid: 'not-checked' }, [
        paragraph(say('report.not-checked'), 'verdict-limits'),
        element(
          'ul',
          {},
          notChecked.map((what) => element('li', { text: sayIfKnown(`limit.${what}`, what) })),
        ),
      ]),
  ]);
}

function signatureView(signature: SignatureReport, report: VerificationReport, number: number | null, compact: boolean): HTMLElement {
  const { integrity, trust, coverage, changes, warnings, signer, claimedTime, level, signatureAlgorithm } = signature;
  const isLimit = (code: string) => report.notChecked.some((what) => code.toLowerCase() === `${what}-not-checked`);
  return element('div', { class: 'signature', testid: 'signature', attributes: { 'data-integrity': integrity, 'data-trust': trust } }, [
    number !== null && element('h3', { text: say('report.signature', { n: number, name: signer?.commonName ?? say('report.signer-unknown') }) }),
    compact
      ? null
      : element('dl', { class: 'signer' }, [
          ...fact('report.signer', signer?.commonName ?? say('report.signer-unknown'), 'report-signer'),
          ...(signer ? fact('report.issuer', commonNameOf(signer.issuer)) : []),
          ...(claimedTime ? fact('report.time', say('report.claimed-time', { time: dateAndTime(claimedTime) })) : []),
          ...(signatureAlgorithm ? fact('report.form', [level?.replaceAll('_', ' '), signatureAlgorithm].filter(Boolean).join(' · ')) : []),
        ]),
    element('ul', { class: 'findings' }, [
      finding(integrity === 'intact' ? 'good' : 'bad', say(`integrity.${integrity}`), 'integrity'),
      finding(trust === 'trusted' ? 'good' : trust === 'revoked' ? 'bad' : 'attention', say(`trust.${trust}`), 'trust'),
      coverage &&
        finding(coverage.wholeDocument ? 'good' : 'attention', say(coverage.wholeDocument ? 'coverage.whole' : 'coverage.part'), 'coverage'),
      integrity === 'intact' || integrity === 'modified-after-signing' ? changesView(changes) : null,
      ...warnings.filter(({ code }) => !isLimit(code)).map(({ code, text }) => warningView(code, text)),
    ]),
  ]);
}

function finding(tone: Tone, text: string, testid: string, more: Child[] = []): HTMLElement {
  return element('li', { class: `finding ${tone}`, testid }, [sign(tone), element('span', {}, [text, ...more])]);
}

/** The phrases are the agent's, in English and for specialists. */
function changesView(changes: unknown[]): HTMLElement {
  if (changes.length === 0) return finding('good', say('changes.none'), 'changes');
  return finding('bad', count('changes', changes.length), 'changes', [
    element(
      'ul',
      { class: 'technical', attributes: { lang: 'en' } },
      changes.map((one) => element('li', { text: String(one) })),
    ),
  ]);
}

function warningView(code: string, text: string): HTMLElement {
  const known = sayIfKnown(`warning.${code}`, '');
  if (known === '')
    return element('li', { class: 'finding attention', testid: 'warning' }, [
      sign('attention'),
      element('span', { text, attributes: { lang: 'en' } }),
    ]);
  return finding('attention', known, 'warning', [element('span', { class: 'technical', text: ` (${text})`, attributes: { lang: 'en' } })]);
}

function fact(name: Key, value: string, testid?: string): Child[] {
  return [element('dt', { text: say(name) }), element('dd', { text: value, ...(testid && { testid }) })];
}

/** The whole name where it has no common name of its own. */
export function commonNameOf(distinguishedName: string): string {
  return /(?:^|,)\s*CN=((?:\\.|[^,\\])+)/.exec(distinguishedName)?.[1]?.replace(/\\(.)/g, '$1') ?? distinguishedName;
}
