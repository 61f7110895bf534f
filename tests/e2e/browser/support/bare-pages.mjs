// BarePages: pages of several origins that forbid themselves nothing, so that what stops a hostile script is the browser or the agent. Whatever the
// path, the page is empty; /caller says hello to the agent on ?port= and tells the page around it what came of it.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const caller = `<!doctype html><title>caller</title><script type="module">
const port = new URLSearchParams(location.search).get('port');
const said = await fetch('http://127.0.0.1:' + port + '/v1/hello', { targetAddressSpace: 'loopback' }).then((answer) => answer.status, String);
parent.postMessage({ said }, '*');
</script>`;

export class BarePages {
  #server;

  static async start({ certificate }) {
    const pages = new BarePages();
    pages.#server = createServer({ cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) }, (request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(request.url.startsWith('/caller') ? caller : '<!doctype html><title>kosong</title>');
    }).listen(0, '127.0.0.1');
    await once(pages.#server, 'listening');
    pages.port = pages.#server.address().port;
    return pages;
  }

  originOf(host) { return `https://${host}:${this.port}`; }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections?.();
  }
}
