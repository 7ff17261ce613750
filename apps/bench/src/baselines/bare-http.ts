/** The least that an API over HTTP costs: a server of Node.js alone that parses the JSON of a request and answers. Nothing is checked or stored. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveParent } from '../servers/child.ts';

const answer = JSON.stringify({ id: '01a2193f-ca4d-76e2-8f93-5b1311657d06', state: 'queued', locale: 'en' });

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const { to } = JSON.parse(Buffer.concat(pieces).toString());
    response.writeHead(to === undefined ? 400 : 202, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
    response.end(answer);
  });
});

const methods = {
  /** @returns the port on loopback */
  start: async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  },
};

/** What its parent can call. */
export type BareHttp = typeof methods;

serveParent(methods, () => {
  server.close();
  server.closeAllConnections();
});
