import { AgentConnection, type AgentView } from './agent';
import { showAgent } from './agent-panel';
import { byId } from './element';
import { Inbox } from './inbox';
import { Preview } from './preview';

const panel = byId('agent');
let shown: AgentView['state'] = 'checking';

const connection = new AgentConnection((view) => {
  shown = view.state;
  showAgent(panel, view, () => void connection.connect());
});
const inbox = new Inbox(byId('letters'), connection, new Preview(byId('preview')), () => {
  panel.focus({ preventScroll: true });
  panel.scrollIntoView({ block: 'nearest' });
});

// who comes back to the page has often just started the agent or inserted the token
window.addEventListener('focus', () => {
  if (shown === 'absent' || shown === 'ready') void connection.connect();
});

await inbox.load();
await connection.connect();
