import type { Status, Token } from '@jurukunci/client';
import { minimumVersion, type AgentView } from './agent';
import { element, type Child } from './element';

interface Words {
  title: string;
  more?: Child[];
  tone: 'busy' | 'good' | 'attention' | 'bad';
}

/** The state line. Its place is a live region, so changes are read out. */
export function showAgent(place: HTMLElement, view: AgentView, onRetry: () => void): void {
  const { title, more = [], tone } = wordsFor(view);
  const line = element('div', {
    class: `agent-line ${tone}`, testid: 'agent-state',
    attributes: { 'data-state': view.state, 'data-token': view.state === 'ready' ? tokenState(view.status) : null },
  }, [element('span', { class: 'lamp', attributes: { 'aria-hidden': 'true' } }), element('div', {}, [element('p', { class: 'agent-title', text: title }), ...more])]);
  const retry = element('button', { class: 'quiet', text: 'Periksa lagi', testid: 'agent-retry', attributes: { type: 'button' }, onClick: onRetry });
  const waiting = view.state === 'checking' || view.state === 'waiting-for-browser';
  const hadFocus = place.contains(document.activeElement);
  place.replaceChildren(line, ...(waiting ? [] : [retry]));
  if (hadFocus) (waiting ? place : retry).focus({ preventScroll: true });
}

function wordsFor(view: AgentView): Words {
  switch (view.state) {
    case 'checking':
      return { tone: 'busy', title: 'Mencari Jurukunci di komputer ini\u00a0…' };
    case 'waiting-for-browser':
      return { tone: 'attention', title: 'Peramban Anda sedang bertanya', more: [
        paragraph('Peramban menanyakan apakah halaman ini boleh menghubungi aplikasi lain di komputer ini. Jurukunci adalah aplikasi itu. Pilih “Izinkan” (Allow).'),
        browserQuestion(),
      ] };
    case 'absent':
      return { tone: 'attention', title: 'Jurukunci belum berjalan di komputer ini', more: [
        element('p', {}, ['Buka “Jurukunci” dari menu aplikasi, atau ', element('a', { text: 'jalankan dari sini', attributes: { href: 'jurukunci:' } }),
          ', lalu tekan “Periksa lagi”. Bila belum terpasang, hubungi Dinas Komunikasi dan Informatika.']),
      ] };
    case 'blocked':
      return view.by === 'browser'
        ? { tone: 'bad', title: 'Peramban melarang halaman ini menghubungi Jurukunci', more: [
          paragraph('Tekan ikon di sebelah kiri alamat halaman, izinkan “aplikasi lain di perangkat ini”, lalu tekan “Periksa lagi”. Bila pilihan itu terkunci, hubungi petugas TI.'),
        ] }
        : { tone: 'bad', title: 'Halaman ini belum disiapkan untuk menghubungi Jurukunci', more: [
          paragraph('Kebijakan keamanan halaman (Content-Security-Policy) tidak memuat http://127.0.0.1. Sampaikan hal ini kepada pengelola aplikasi.'),
        ] };
    case 'outdated':
      return { tone: 'bad', title: 'Jurukunci perlu diperbarui', more: [
        paragraph(`Terpasang versi ${view.agent.version}; aplikasi ini memerlukan versi ${minimumVersion} atau lebih baru. Hubungi petugas TI.`),
      ] };
    case 'untrusted':
    case 'failed':
      return { tone: 'bad', title: view.userMessage, more: view.remedy ? [paragraph(view.remedy)] : [] };
    case 'ready':
      return wordsForStatus(view.status, view.known, view.agent.version);
  }
}

function wordsForStatus(status: Status, known: boolean, version: string): Words {
  const { tokens, prompter, environment, warnings } = status;
  const more: Child[] = [
    element('p', { class: 'facts' }, [
      `Versi ${version}`,
      environment === 'uji' ? ' · lingkungan uji, tanda tangan tidak berlaku' : '',
      known ? '' : ' · baru pertama kali dikenal oleh server ini',
    ]),
    ...warnings.map(({ userMessage }) => paragraph(userMessage)),
  ];
  if (prompter === 'absent') {
    return { tone: 'attention', title: 'Jurukunci berjalan, tetapi jendelanya belum terbuka', more: [paragraph('Buka “Jurukunci” dari menu aplikasi agar Anda dapat ditanya.'), ...more] };
  }
  if (tokens.length === 0) return { tone: 'attention', title: 'Jurukunci siap; pasang token Anda ke port USB', more };
  const trouble = tokens.map(pinTrouble).filter((words) => words !== null);
  const labels = tokens.map(({ label }) => `“${label}”`).join(', ');
  return { tone: trouble.length > 0 ? 'attention' : 'good', title: `Jurukunci siap · token ${labels}`, more: [...trouble.map(paragraph), ...more] };
}

function tokenState({ tokens }: Status): string {
  return tokens.length > 0 ? 'present' : 'absent';
}

function pinTrouble({ label, pinState, triesLeft }: Token): string | null {
  switch (pinState) {
    case 'ok': return null;
    case 'count-low': return `Passphrase token “${label}” pernah salah${triesLeft === null ? '' : `; tersisa ${triesLeft} percobaan`}.`;
    case 'final-try': return `Passphrase token “${label}” tinggal satu percobaan. Bila ragu, hubungi petugas RA sebelum mencoba.`;
    case 'locked': return `Passphrase token “${label}” terkunci. Bawa token ke meja RA.`;
    case 'to-be-changed': return `Passphrase token “${label}” masih bawaan dan harus diganti dulu.`;
    case 'not-set': return `Passphrase token “${label}” belum dibuat. Hubungi petugas RA.`;
  }
}

function paragraph(text: string): HTMLElement {
  return element('p', { text });
}

/** A likeness of the browser's question, so that people know it when they see it. */
function browserQuestion(): HTMLElement {
  return element('div', { class: 'question', attributes: { 'aria-hidden': 'true' } }, [
    element('p', {}, [element('b', { text: location.host }), ' ingin:']),
    element('p', { text: 'Access other apps and services on this device' }),
    element('p', { class: 'answers' }, [element('span', { text: 'Block' }), element('span', { class: 'wanted', text: 'Allow' })]),
  ]);
}
