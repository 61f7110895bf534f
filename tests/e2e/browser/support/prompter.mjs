// The person, played by jurukunci-test-prompter: answers by a script and writes down what it was shown.
import { existsSync, readFileSync } from 'node:fs';

import { until } from './bounded.mjs';
import { Child } from './child.mjs';
import { program } from './places.mjs';

export class Prompter {
  #agent;
  #from;
  #log;

  /** `steps` as in tests/support/test_prompter.cpp: one a question, the last one for all that follow. */
  static async start({ site, agent, log, steps }) {
    const prompter = new Prompter();
    prompter.#agent = agent.process;
    prompter.#from = agent.process.output.length;
    prompter.#log = log;
    prompter.process = new Child(program('jurukunci-test-prompter', site.bin), ['--pin-file', site.pinFile, '--log', log, ...steps], { env: site.environment });
    await prompter.process.says(/^registered/m);
    return prompter;
  }

  /** What stands behind the last end of a line is still being written. */
  get #events() {
    const text = existsSync(this.#log) ? readFileSync(this.#log, 'utf8') : '';
    return text.slice(0, text.lastIndexOf('\n') + 1).split('\n').filter(Boolean).map((line) => JSON.parse(line));
  }

  /** What it was asked, oldest first. */
  get questions() { return this.#events.filter((event) => 'origin' in event); }

  /** The questions that the agent took back, each with `reason`. */
  get closings() { return this.#events.filter((event) => 'closed' in event); }

  /** One line an event, for when a test fails. */
  story() {
    return this.#events.map(({ origin, items, triesLeft, previousFault, closed, reason }) => (closed ? `closed: ${reason.code}`
      : `asked by ${origin}: ${items.slice(0, 3).map(({ name }) => name).join(', ')}, ${items.length} in all, ${triesLeft} tries left, before: ${previousFault?.code ?? 'nothing'}`)).join('\n');
  }

  question(milliseconds = 20_000) { return until(milliseconds, 'a consent question', () => this.questions[0]); }

  closing(milliseconds = 30_000) { return until(milliseconds, 'the dialog closes', () => this.closings[0]); }

  /** The agent takes one prompter at a time, so the place is free only when it has noticed; one that hung up by itself, too. */
  async leave() {
    this.process.kill();
    await this.process.ended();
    if (!this.#agent.how) await this.#agent.says(/prompter of kind test left/, { after: this.#from });
  }
}
