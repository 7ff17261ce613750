/** Somebody else's server, and a mail that would like to have it asked: for tests that a mail can only be looked at. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CertificateAuthority } from './certificate-authority.ts';

/** Answers whatever it is asked with nothing, and remembers it. On TLS, because a page may load pictures by https alone. */
export class ThirdPartyServer {
  /** Paths, in the order in which they were asked for. */
  readonly asked: string[] = [];
  #server: Server | undefined;

  /** The URL, without a slash at its end. */
  get url(): string {
    if (this.#server === undefined) throw new Error('The stranger has no URL yet: start it first');
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    const { certPem, keyPem } = await (await CertificateAuthority.create()).issue({ hosts: ['127.0.0.1'] });
    this.#server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      this.asked.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

/**
 * HTML that tries what mails have been seen to try. Left alone, it reads `by the mail`, and has a link `to the top` and a
 * button `Send` that lead away.
 * @param away the stranger's URL
 */
export function hostileHtml(away: string): string {
  return `
    <base href="${away}/base/"><meta http-equiv="refresh" content="0;url=${away}/refresh">
    <link rel="stylesheet" href="${away}/style.css"><style>@import url(${away}/import.css); p { background: url(${away}/background) }</style>
    <p id="written">by the mail</p>
    <script src="${away}/script.js"></script>
    <script>document.getElementById('written').textContent = 'by a script'; top.location = '${away}/top'; alert(1)</script>
    <img src="${away}/pixel" onerror="alert(2)"><img src="x" onerror="top.document.title = 'taken'; alert(3)">
    <svg onload="alert(4)"></svg><iframe src="${away}/frame"></iframe><iframe srcdoc="<script>alert(5)</script>"></iframe>
    <object data="${away}/object"></object><video src="${away}/video" autoplay></video>
    <form action="${away}/form" method="post"><button>Send</button></form>
    <a href="${away}/link" target="_top">to the top</a>`;
}
