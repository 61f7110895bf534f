import type { Agent, Status, Token } from '@jurukunci/client';
import { minimumVersion, type AgentView } from './agent';
import { announce } from './announce';
import { button, element, paragraph, redraw, sign, type Child } from './element';
import { say, type Key } from './words';

export interface PanelActions {
  onRetry: () => void;
  onEnrol: (agent: Agent) => void;
  /** Whether the agent's window shows the code that the page shows. */
  onCompared: (same: boolean) => void;
  onStopEnrolling: () => void;
}

type Tone = 'busy' | 'good' | 'attention' | 'bad';

interface Words {
  title: string;
  tone: Tone;
  more?: Child[];
  /** What the person presses beside "look again". */
  actions?: HTMLElement[];
  retry?: boolean;
}

let announced = '';

/** The state of the agent, and what to do about it, for somebody with a queue at the counter. */
export function showAgent(place: HTMLElement, view: AgentView, actions: PanelActions): void {
  const { title, tone, more = [], actions: buttons = [], retry = true } = wordsFor(view, actions);
  place.setAttribute('aria-label', say('agent.label'));
  redraw(
    place,
    element(
      'div',
      {
        class: `agent-line ${tone}`,
        testid: 'agent-state',
        attributes: { 'data-state': view.state, 'data-token': view.state === 'ready' ? tokenState(view.status) : null },
      },
      [sign(tone), element('div', { class: 'agent-words' }, [element('p', { class: 'agent-title', text: title }), ...more])],
    ),
    element('div', { class: 'agent-actions' }, [...buttons, retry ? button(say('agent.retry'), actions.onRetry, { testid: 'agent-retry' }) : null]),
  );
  const spoken = [title, view.state === 'enrolling' && view.code ? view.code.split('').join(' ') : ''].join(' ');
  if (spoken !== announced) announce(spoken);
  announced = spoken;
}

function wordsFor(view: AgentView, actions: PanelActions): Words {
  switch (view.state) {
    case 'checking':
      return { tone: 'busy', title: say('agent.checking'), retry: false };
    case 'waiting-for-browser':
      return {
        tone: 'attention',
        title: say('agent.browser-asks'),
        retry: false,
        more: [paragraph(say('agent.browser-asks-1')), browserQuestion(), paragraph(say('agent.browser-asks-2'))],
      };
    case 'absent':
      return {
        tone: 'attention',
        title: say('agent.absent'),
        more: [steps('agent.absent-1', 'agent.absent-2', 'agent.absent-3'), queue()],
        actions: [element('a', { class: 'button', text: say('agent.start'), attributes: { href: 'jurukunci:' } })],
      };
    case 'blocked':
      return view.by === 'browser'
        ? { tone: 'bad', title: say('agent.blocked'), more: [steps('agent.blocked-1', 'agent.blocked-2', 'agent.blocked-3'), queue()] }
        : { tone: 'bad', title: say('agent.blocked-by-page'), more: [paragraph(say('agent.blocked-by-page-1')), queue()] };
    case 'outdated':
      return {
        tone: 'bad',
        title: say('agent.outdated'),
        more: [paragraph(say('agent.outdated-1', { version: view.agent.version, minimum: minimumVersion })), queue()],
      };
    case 'untrusted': {
      const { agent } = view;
      return {
        tone: 'bad',
        title: say('agent.untrusted'),
        more: [steps('agent.untrusted-1', 'agent.untrusted-2', 'agent.untrusted-3'), queue()],
        actions: agent ? [button(say('agent.enrol-again'), () => actions.onEnrol(agent), { testid: 'enrol' })] : [],
      };
    }
    case 'unenrolled': {
      const { agent, again } = view;
      return {
        tone: 'attention',
        title: say(again ? 'agent.enrolment-failed' : 'agent.unenrolled'),
        more: [
          ...(again
            ? [element('p', { testid: 'enrol-error', text: again.userMessage, attributes: { 'data-code': again.code } })]
            : [paragraph(say('agent.unenrolled-1'))]),
          paragraph(say('agent.unenrolled-2')),
        ],
        actions: agent ? [button(say('agent.enrol'), () => actions.onEnrol(agent), { class: 'button', testid: 'enrol' })] : [],
      };
    }
    case 'enrolling':
      return wordsForCode(view, actions);
    case 'failed':
      return { tone: 'bad', title: view.userMessage, more: [view.remedy ? paragraph(view.remedy) : null, queue()] };
    case 'ready':
      return wordsForStatus(
        view.status,
        view.agent.version,
        view.impostors.map(({ port }) => port),
      );
  }
}

function wordsForCode({ code, compared }: { code: string | null; compared: boolean }, actions: PanelActions): Words {
  const stop = button(say('agent.enrol-stop'), actions.onStopEnrolling, { testid: 'enrol-cancel' });
  if (!code) return { tone: 'busy', title: say('agent.enrolling'), retry: false, actions: [stop] };
  const grouped = `${code.slice(0, 3)} ${code.slice(3)}`; // as the window shows it
  const digits = element('p', { class: 'pairing-code', testid: 'pairing-code', text: grouped, attributes: { translate: 'no' } });
  if (compared) return { tone: 'busy', title: say('agent.compare-window'), retry: false, more: [digits], actions: [stop] };
  return {
    tone: 'attention',
    title: say('agent.compare'),
    retry: false,
    more: [digits, steps('agent.compare-1', 'agent.compare-2', 'agent.compare-3')],
    actions: [
      button(say('agent.code-same'), () => actions.onCompared(true), { class: 'button', testid: 'enrol-same' }),
      button(say('agent.code-differs'), () => actions.onCompared(false), { testid: 'enrol-differs' }),
    ],
  };
}

function wordsForStatus(status: Status, version: string, impostors: number[]): Words {
  const { tokens, prompter, environment, warnings } = status;
  const facts = element('p', {
    class: 'facts',
    text: say(environment === 'uji' ? 'agent.facts-test' : 'agent.facts', { version, city: status.profile.city }),
  });
  const strange = impostors.length > 0 ? [paragraph(say('agent.impostors', { ports: impostors.join(', ') }))] : [];
  // what the title and the steps say already is not said twice
  const said = ['E-TOKEN-TIDAK-ADA', 'E-PERSETUJUAN-TIDAK-TERSEDIA'];
  const more: Child[] = [...strange, ...warnings.filter(({ code }) => !said.includes(code)).map(({ userMessage }) => paragraph(userMessage)), facts];
  if (prompter === 'absent') return { tone: 'attention', title: say('agent.no-window'), more: [paragraph(say('agent.no-window-1')), ...more] };
  if (tokens.length === 0) return { tone: 'attention', title: say('agent.no-token'), more: [paragraph(say('agent.no-token-1')), ...more] };
  const trouble = tokens.map(pinTrouble).filter((words) => words !== null);
  const labels = tokens.map(({ label }) => `“${label}”`).join(', ');
  return {
    tone: trouble.length > 0 || strange.length > 0 ? 'attention' : 'good',
    title: say('agent.ready', { labels }),
    more: [...trouble.map((text) => paragraph(text)), ...more],
  };
}

function tokenState({ tokens }: Status): string {
  return tokens.length > 0 ? 'present' : 'absent';
}

function pinTrouble({ label, pinState, triesLeft }: Token): string | null {
  if (pinState === 'ok') return null;
  if (pinState === 'count-low') return say(triesLeft === null ? 'pin.count-low' : 'pin.count-low-tries', { label, tries: triesLeft ?? '' });
  return say(`pin.${pinState}`, { label });
}

function steps(...keys: Key[]): HTMLElement {
  return element(
    'ol',
    { class: 'steps' },
    keys.map((key) => element('li', { text: say(key) })),
  );
}

/** For the official whose counter has people before it. */
function queue(): HTMLElement {
  return element('p', { class: 'queue' }, [say('agent.queue')]);
}

/** A likeness of the browser's question, so that people know it when they see it. */
function browserQuestion(): HTMLElement {
  return element('div', { class: 'question', testid: 'browser-question', attributes: { role: 'img', 'aria-label': say('agent.question-picture') } }, [
    element('div', { attributes: { 'aria-hidden': 'true', lang: 'en' } }, [
      element('p', { class: 'question-title' }, [element('b', { text: location.host }), ' wants to']),
      element('p', { class: 'question-wish' }, [element('span', { class: 'question-icon' }), 'Access other apps and services on this device']),
      element('p', { class: 'answers' }, [element('span', { text: 'Block' }), element('span', { class: 'wanted', text: 'Allow' })]),
    ]),
  ]);
}
