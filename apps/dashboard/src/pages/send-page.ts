import type { FastifyReply } from 'fastify';

/** Answers with a page. It shows what is true now, and what is not for everybody, so nobody keeps it. */
export async function sendPage(reply: FastifyReply, page: JSX.Element): Promise<FastifyReply> {
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(await page);
}
