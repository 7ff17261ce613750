/** `/v1/templates`: which mails can be asked for, and with what data. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Catalogue } from '@posthouse/templates/catalogue';
import { Type } from 'typebox';
import { ProblemSchema } from './problem.ts';

const TemplatesSchema = Type.Object({
  hash: Type.String({ description: 'Of the whole set; a record names the one that it was accepted under.' }),
  templates: Type.Array(
    Type.Object({
      name: Type.String(),
      subject: Type.String(),
      locales: Type.Array(Type.String()),
      schema: Type.Unknown({ description: 'JSON Schema of `data`.' }),
      samples: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});

/** The route that lists the templates. */
export function templateRoutes(catalogue: Catalogue): FastifyPluginAsyncTypebox {
  const answer = {
    hash: catalogue.hash,
    templates: [...catalogue.templates.values()].map(({ name, subject, locales, schema, samples }) => ({
      name,
      subject,
      locales: [...locales],
      schema,
      samples,
    })),
  };
  return async (app) => {
    app.get(
      '/templates',
      { schema: { summary: 'The templates and their data', tags: ['templates'], response: { 200: TemplatesSchema, 401: ProblemSchema } } },
      async () => answer,
    );
  };
}
