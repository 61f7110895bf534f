import type { Session } from '@jurukunci/client';
import { AgentConnection } from './agent';
import { showAgent } from './agent-panel';
import { byId, redraw } from './element';
import { showHeader, type Place } from './header';
import { Inbox } from './inbox';
import * as office from './office';
import { SignIn } from './sign-in';
import { VerifyPage } from './verify-page';
import { language, onLanguage, say, type Key } from './words';

const panel = byId('agent'),
  title = byId('title'),
  main = byId('view');
const place: Place = { user: null, page: 'inbox' };

const connection: AgentConnection = new AgentConnection(drawAgent);
const inbox = new Inbox(connection, leadToAgent);
const verifyPage = new VerifyPage(connection, leadToAgent);
const signIn = new SignIn(connection, leadToAgent, (user) => void enter(user));

function drawAgent(): void {
  showAgent(panel, connection.view, {
    onRetry: () => void connect(),
    onEnrol: (agent) => void connection.enrol(agent).then(lookForOpenIn),
    onCompared: (same) => connection.answerCode(same),
    onStopEnrolling: () => connection.stopEnrolling(),
  });
}

function leadToAgent(): void {
  panel.focus({ preventScroll: true });
  panel.scrollIntoView({ block: 'nearest' });
}

function drawHeader(): void {
  showHeader(byId('top'), place, () => void leave());
  document.documentElement.lang = language;
  byId('skip').textContent = say('header.skip');
  const key: Key = !place.user ? 'title.sign-in' : place.page === 'inbox' ? 'title.inbox' : 'title.verify';
  title.textContent = say(key);
  document.title = `${say(key)} · E-Office Kota Pekalongan`;
}

/** The page that the address names; `#/periksa/ID` checks that letter. */
async function show(focus: boolean): Promise<void> {
  const [, page, id] = location.hash.split('/');
  place.page = page === 'periksa' ? 'verify' : 'inbox';
  drawHeader();
  redraw(main, !place.user ? signIn.view : place.page === 'inbox' ? inbox.view : verifyPage.view);
  document.body.classList.toggle('on-inbox', place.user !== null && place.page === 'inbox');
  if (focus) title.focus({ preventScroll: true });
  if (focus) scrollTo(0, 0);
  if (!place.user) await signIn.open();
  else if (place.page === 'verify') await verifyPage.open(id ?? null);
  else await inbox.load().catch(signedOut);
}

async function enter(user: office.User): Promise<void> {
  place.user = user;
  await show(true);
  if (connection.view.state === 'ready') await connect();
}

async function leave(): Promise<void> {
  await office.signOut();
  location.assign('/'); // nothing of this person stays in the page's memory
}

/** The server forgot the session, as after its restart. */
function signedOut(error: unknown): void {
  if (!(error instanceof office.OfficeError)) throw error;
  if (error.code !== 'S-BELUM-MASUK') return; // where letters cannot be had the inbox says so itself
  place.user = null;
  void show(true);
}

async function connect(): Promise<void> {
  await lookForOpenIn(await connection.connect());
}

async function lookForOpenIn(session: Session | null): Promise<void> {
  if (place.user && session) await inbox.lookForOpen(session).catch(signedOut);
}

byId('skip').addEventListener('click', (event) => {
  event.preventDefault(); // the part behind # names pages here
  main.focus();
});
onLanguage(() => {
  drawHeader();
  drawAgent();
  signIn.draw();
  inbox.speak();
  verifyPage.speak();
  void connection.again();
});

// who comes back to the page has often just started the agent or inserted the token
window.addEventListener('focus', () => {
  if (['absent', 'ready', 'untrusted'].includes(connection.view.state)) void connect();
});
window.addEventListener('hashchange', () => void show(true));

drawHeader();
drawAgent();
place.user = await office.user().catch(() => null);
const [, session] = await Promise.all([show(false), connection.connect()]);
await lookForOpenIn(session);
