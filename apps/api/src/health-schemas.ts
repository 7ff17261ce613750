/** `GET /livez` and `GET /readyz` as the OpenAPI document describes them. They need no key, and their 503 is no problem document. */
import { Type } from 'typebox';

const Health = Type.Object(
  {
    status: Type.Enum(['ok', 'unavailable']),
    redis: Type.Optional(Type.String({ description: '`ok`, or in a word why Redis cannot be used.' })),
    templateSet: Type.Optional(
      Type.Enum(['ok', 'refused'], {
        description: '`refused` while the templates folder has a set with issues: mails are accepted with the set before it.',
      }),
    ),
    detail: Type.Optional(Type.String({ description: 'What is not `ok`, in a sentence.' })),
  },
  { title: 'Health' },
);

function health(description: string) {
  return { description, content: { 'application/json': { schema: Health } } };
}

const common = { tags: ['health'], security: [] };

/** By route. */
export const healthSchemas = {
  livez: {
    ...common,
    operationId: 'checkLive',
    summary: 'Check that the process answers',
    response: { 200: health('The process answers.') },
  },
  readyz: {
    ...common,
    operationId: 'checkReady',
    summary: 'Check that Redis can be used',
    response: {
      200: health('Mails can be accepted.'),
      503: health('Redis cannot be used, or the process stops; mails are refused with 503.'),
    },
  },
} as const;
