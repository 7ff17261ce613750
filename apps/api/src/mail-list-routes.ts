/** `GET /v1/mails`: mails by filter, newest first, in pages. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IssueList, mailStates, priorities, readMailFilter } from '@posthouse/contract';
import { CursorError, type MailList, toIso, viewListed } from '@posthouse/queue';
import { Type } from 'typebox';
import { ownerOf } from './authentication.ts';
import { ListedMailSchema, maybe } from './mail-view.ts';
import { Problem, problemResponses } from './problem.ts';

const defaultLimit = 50;
const parameter = (description: string) => maybe(Type.String({ description }));

const Query = Type.Object(
  {
    state: maybe(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description: `One or more of ${mailStates.join(', ')}; repeat the parameter, or separate them with commas.`,
      }),
    ),
    template: parameter('Name of the template.'),
    recipient: parameter('An address, a domain, or the part before the @ with it: `anne@example.com`, `example.com`, `anne@`.'),
    tag: parameter('One tag, in full.'),
    provider: parameter('The provider of the latest delivery attempt.'),
    reason: parameter('The reason code of a failing mail, as the list shows it: `550 5.1.1`, `ECONNREFUSED`, `expired`.'),
    apiKey: parameter('Name of the API key that the mail was sent with.'),
    group: parameter('A failure group, as the list shows it.'),
    messageId: parameter('The Message-ID of a message that was sent as `content.raw`, with or without its angle brackets.'),
    metadata: parameter('A value of the metadata, in full. Mails that were accepted with `SEARCH_KEYS=off` are not found by it.'),
    priority: parameter(`One of ${priorities.join(', ')}.`),
    partial: parameter('`true`: sent to some recipients and rejected by others.'),
    from: parameter('Accepted at this time (RFC 3339) or later.'),
    to: parameter('Accepted at this time (RFC 3339) or earlier.'),
    limit: maybe(Type.String({ format: 'page-size', description: `Mails on a page, 1 to 100; default ${defaultLimit}.` })),
    cursor: parameter('The `next` of the previous page.'),
  },
  { additionalProperties: false },
);

const Page = Type.Object(
  {
    mails: Type.Array(ListedMailSchema),
    next: maybe(Type.String({ description: 'The `cursor` of the next page; absent on the last page.' })),
    searchedTo: maybe(
      Type.String({
        format: 'date-time',
        description: 'Few mails match, so the search stopped here before the page was full: older mails were not searched yet.',
      }),
    ),
  },
  { title: 'MailPage', description: 'One page of mails.' },
);

/** The route that lists mails. */
export function mailListRoutes(list: MailList): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/mails',
      {
        config: { right: 'read' },
        schema: {
          operationId: 'listMails',
          summary: 'List mails',
          description: 'A key with `read-own` finds the mails that were sent with a key of its name, as if there were no others.',
          tags: ['mails'],
          querystring: Query,
          response: { 200: Page, ...problemResponses(400, 401, 403) },
        },
      },
      async ({ query, apiKey }) => {
        const owner = ownerOf(apiKey, 'read');
        const { filter, issues } = readMailFilter(query);
        if (issues.length > 0) throw new Problem('malformed-request', 'The query is invalid: see issues.', new IssueList(issues));
        const { mails, next, searchedTo } = await list
          .page(filter, {
            limit: Number(query.limit ?? defaultLimit),
            ...(query.cursor !== undefined && { cursor: query.cursor }),
            ...(owner !== undefined && { owner }),
          })
          .catch((error: Error) => {
            if (!(error instanceof CursorError)) throw error;
            const message = 'is not the `next` of a page; leave it out to start with the first page';
            throw new Problem(
              'malformed-request',
              'The query is invalid: see issues.',
              new IssueList([{ pointer: '/cursor', message, code: 'wrong-format' }]),
            );
          });
        return {
          mails: mails.map(viewListed),
          ...(next !== undefined && { next }),
          ...(searchedTo !== undefined && { searchedTo: toIso(searchedTo) }),
        };
      },
    );
  };
}
