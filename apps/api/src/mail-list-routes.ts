/** `GET /v1/mails`: the mails that fit a filter, newest first, a page at a time. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { mailStates, readMailFilter } from '@posthouse/contract';
import { CursorError, type MailList } from '@posthouse/queue';
import { Type } from 'typebox';
import { iso, MailViewSchema, maybe, viewShared } from './mail-view.ts';
import { Problem, ProblemSchema } from './problem.ts';

const usualLimit = 50;
const parameter = (description: string) => maybe(Type.String({ description }));

const Query = Type.Object(
  {
    state: maybe(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description: `One of several, parted by commas: ${mailStates.join(', ')}.`,
      }),
    ),
    template: parameter('Its name.'),
    recipient: parameter('An address, or a domain: `anne@example.com`, `example.com`.'),
    tag: parameter('One tag, exactly.'),
    provider: parameter('The provider that the latest try went to.'),
    error: parameter('The reason of a mail in trouble, as the list tells it: `550 5.1.1`, `ECONNREFUSED`.'),
    group: parameter('A failure group, as the list tells it.'),
    from: parameter('Accepted at this time (RFC 3339) or later.'),
    to: parameter('Accepted at this time (RFC 3339) or earlier.'),
    limit: maybe(Type.String({ pattern: '^(100|[1-9][0-9]?)$', description: `Mails of a page, 1 to 100; by default ${usualLimit}.` })),
    cursor: parameter('The `next` of the page before.'),
  },
  { additionalProperties: false },
);

const told = [
  ...(['id', 'state', 'partial', 'template', 'locale', 'priority', 'tags', 'createdAt', 'dueAt', 'nextAttemptAt', 'endedAt'] as const),
  ...(['recipients', 'attemptCount', 'deferralCount'] as const),
];

/** One mail of the list. */
const ListedMail = Type.Object({
  ...Type.Pick(MailViewSchema, told).properties,
  provider: maybe(Type.String({ description: 'Of the latest try; likewise its verdict and its reason.' })),
  verdict: maybe(Type.String()),
  reason: maybe(Type.String()),
  group: maybe(Type.String({ description: 'The failure group that it is in, while it is in trouble.' })),
  issue: maybe(Type.String({ description: 'Why its record cannot be opened; then its recipients are not known.' })),
});

const Page = Type.Object({
  mails: Type.Array(ListedMail),
  next: maybe(Type.String({ description: 'Hand it in as `cursor` to go on to older mails; without it there are none.' })),
  searchedTo: maybe(
    Type.String({
      format: 'date-time',
      description: 'Hardly any mail fits, so the page ended before it was full: mails older than this were not looked at.',
    }),
  ),
});

/** The route that lists mails. */
export function mailListRoutes(list: MailList): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/mails',
      {
        schema: {
          summary: 'Mails that fit a filter, newest first',
          tags: ['mails'],
          querystring: Query,
          response: { 200: Page, 400: ProblemSchema, 401: ProblemSchema, 503: ProblemSchema },
        },
      },
      async ({ query }) => {
        const { filter, issues } = readMailFilter(query);
        if (issues.length > 0) throw new Problem('malformed', 'The filter does not fit: see errors.', issues);
        const { mails, next, searchedTo } = await list
          .page(filter, { limit: Number(query.limit ?? usualLimit), ...(query.cursor !== undefined && { cursor: query.cursor }) })
          .catch((error: Error) => {
            if (!(error instanceof CursorError)) throw error;
            throw new Problem('malformed', error.message, [{ pointer: '/cursor', message: 'is not a `next` of this list' }]);
          });
        return {
          mails: mails.map(viewShared),
          ...(next !== undefined && { next }),
          ...(searchedTo !== undefined && { searchedTo: iso(searchedTo) }),
        };
      },
    );
  };
}
