import type { AgentConnection } from './agent';
import { button, element, paragraph, redraw } from './element';
import { errorView } from './error-view';
import * as office from './office';
import { say } from './words';

/** Before the inbox: the log-in with the token, and the one that stands for whatever log-in a city has today. */
export class SignIn {
  readonly view = element('div', { class: 'sign-in', testid: 'sign-in' });
  #tokenLogin = false;
  #stop: AbortController | null = null;
  #error: unknown = null;
  readonly #connection: AgentConnection;
  readonly #onNoAgent: () => void;
  readonly #onUser: (user: office.User) => void;

  constructor(connection: AgentConnection, onNoAgent: () => void, onUser: (user: office.User) => void) {
    this.#connection = connection;
    this.#onNoAgent = onNoAgent;
    this.#onUser = onUser;
  }

  async open(): Promise<void> {
    this.draw();
    this.#tokenLogin = (await office.config()).tokenLogin;
    this.draw();
  }

  draw(): void {
    const waiting = this.#stop !== null;
    redraw(
      this.view,
      this.#tokenLogin &&
        element('section', { class: 'card', attributes: { 'aria-labelledby': 'with-token' } }, [
          element('h2', { text: say('sign-in.token'), attributes: { id: 'with-token' } }),
          paragraph(say(waiting ? 'sign-in.token-waiting' : 'sign-in.token-1')),
          waiting
            ? button(say('run.cancel'), () => this.#stop?.abort(), { testid: 'sign-in-cancel' })
            : button(say('sign-in.token-go'), () => void this.#withToken(), { class: 'button', testid: 'sign-in-token' }),
          this.#error ? errorView(this.#error, { title: say('sign-in.failed') }) : null,
        ]),
      element('section', { class: 'card', attributes: { 'aria-labelledby': 'for-demo' } }, [
        element('h2', { text: say('sign-in.demo'), attributes: { id: 'for-demo' } }),
        paragraph(say('sign-in.demo-1')),
        button(say('sign-in.demo-go'), () => void this.#forDemo(), { class: this.#tokenLogin ? 'quiet' : 'button', testid: 'sign-in-demo' }),
        !this.#tokenLogin && this.#error ? errorView(this.#error, { title: say('sign-in.failed') }) : null,
      ]),
    );
  }

  async #withToken(): Promise<void> {
    const session = await this.#connection.connect();
    if (!session) return this.#onNoAgent();
    const stop = (this.#stop = new AbortController());
    await this.#try(() => this.#connection.signIn(session, stop.signal));
  }

  #forDemo(): Promise<void> {
    return this.#try(() => office.signInForDemo());
  }

  async #try(signIn: () => Promise<office.User>): Promise<void> {
    this.#error = null;
    this.draw();
    this.view.querySelector<HTMLElement>('[data-testid=sign-in-cancel]')?.focus({ preventScroll: true });
    try {
      const user = await signIn();
      this.#stop = null;
      this.#onUser(user);
    } catch (error) {
      const aborted = this.#stop?.signal.aborted;
      this.#stop = null;
      this.#error = aborted ? null : error;
      this.draw();
      this.view.querySelector<HTMLElement>('[data-testid=error], [data-testid=sign-in-token]')?.focus({ preventScroll: true });
    }
  }
}
