/** A third party's server, and a hostile mail that tries to make requests to it: for tests that displaying a mail has no side effects. */
import { CertificateAuthority } from './certificate-authority.ts';
import { HttpsServer } from './https-server.ts';

/** Records every request and replies with an empty response. It uses TLS because pages may load images only by https. */
export class ThirdPartyServer {
  /** The paths of the requests, in order of arrival. */
  readonly requests: string[] = [];
  readonly #server = new HttpsServer((request, response) => {
    this.requests.push(request.url ?? '');
    response.end();
  });

  /** Its URL, without a trailing slash. */
  get url(): string {
    return `https://127.0.0.1:${this.#server.port}`;
  }

  async start(): Promise<void> {
    await this.#server.start(await CertificateAuthority.create());
  }

  async stop(): Promise<void> {
    await this.#server.stop();
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
