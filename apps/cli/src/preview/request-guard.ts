/**
 * Who may ask the preview for something: the pages of the preview, and a link to one of them.
 *
 * The preview listens on the loopback address. A page of another site can still make a browser send requests there, also under a name of
 * its own that resolves to this address (DNS rebinding). So the name in Host has to be one of this machine, and a request that another
 * site caused has to be a click on a link.
 */
import { HttpError } from '@posthouse/web';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const names = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;

/** Refuses every other request, before anything of it is read. */
export function guardRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    if (!names.test(request.headers.host ?? ''))
      throw new HttpError(
        403,
        'This is not an address of the preview',
        'Open it as http://127.0.0.1 with its port, on the machine where it runs.',
      );
    if (isOfAnotherSite(request))
      throw new HttpError(403, 'The preview answers its own pages only', 'Open the link in the address bar of the browser.');
  });
}

function isOfAnotherSite({ method, headers }: FastifyRequest): boolean {
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${headers.host}`) return true;
  const site = headers['sec-fetch-site'];
  if (method !== 'GET' && method !== 'HEAD') return site === undefined ? origin === undefined : site !== 'same-origin';
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return site !== undefined && site !== 'same-origin' && site !== 'none' && !isLink;
}
