/** A third party's server, and a hostile mail that tries to make requests to it: for tests that displaying a mail has no side effects. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CertificateAuthority } from './certificate-authority.ts';

/** Records every request and replies with an empty response. It uses TLS because pages may load images only by https. */
export class ThirdPartyServer {
  /** The paths of the requests, in order of arrival. */
  readonly requests: string[] = [];
  #server: Server | undefined;

  /** Its URL, without a trailing slash. */
  get url(): string {
    if (this.#server === undefined) throw new Error('This server has no URL yet: start it first');
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    const { certPem, keyPem } = await (await CertificateAuthority.create()).issue({ hosts: ['127.0.0.1'] });
    this.#server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      this.requests.push(request.url ?? '');
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
 * HTML with what hostile mails try: scripts, frames, redirects, remote images, forms. Without its scripts it shows `by the mail`, a
 * link `to the top` and a button `Send`.
 * @param url of the third party
 */
export function hostileHtml(url: string): string {
  return `
    <base href="${url}/base/"><meta http-equiv="refresh" content="0;url=${url}/refresh">
    <link rel="stylesheet" href="${url}/style.css"><style>@import url(${url}/import.css); p { background: url(${url}/background) }</style>
    <p id="written">by the mail</p>
    <script src="${url}/script.js"></script>
    <script>document.getElementById('written').textContent = 'by a script'; top.location = '${url}/top'; alert(1)</script>
    <img src="${url}/pixel" onerror="alert(2)"><img src="x" onerror="top.document.title = 'taken'; alert(3)">
    <svg onload="alert(4)"></svg><iframe src="${url}/frame"></iframe><iframe srcdoc="<script>alert(5)</script>"></iframe>
    <object data="${url}/object"></object><video src="${url}/video" autoplay></video>
    <form action="${url}/form" method="post"><button>Send</button></form>
    <a href="${url}/link" target="_top">to the top</a>`;
}
