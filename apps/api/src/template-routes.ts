/** `GET /v1/templates`: the templates, and the data that each of them needs. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Catalogue, CatalogueTemplate, TemplateSource } from '@posthouse/templates/catalogue';
import { Type } from 'typebox';
import { problemResponses } from './problem.ts';

const TemplatesSchema = Type.Object(
  {
    hash: Type.String({ description: 'Hash of the template set; a mail names the one that it was accepted with.' }),
    templates: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          subject: Type.String(),
          locales: Type.Array(Type.String()),
          schema: Type.Unknown({ description: 'JSON Schema of `data`.' }),
          samples: Type.Record(Type.String(), Type.Unknown()),
        },
        { title: 'Template' },
      ),
    ),
  },
  { title: 'TemplateList', description: 'The templates of the set that the API key may send.' },
);

/** The route that lists the templates of the set in use. */
export function templateRoutes(set: TemplateSource<Catalogue>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/templates',
      {
        config: { right: 'none' },
        schema: {
          operationId: 'listTemplates',
          summary: 'List templates',
          tags: ['templates'],
          response: { 200: TemplatesSchema, ...problemResponses(401) },
        },
      },
      async ({ apiKey }) => {
        const { hash, templates } = set.current;
        const mayBeSent = ({ name }: CatalogueTemplate) => apiKey.rights.templates?.includes(name) ?? true;
        return { hash, templates: [...templates.values()].filter(mayBeSent).map(viewTemplate) };
      },
    );
  };
}

function viewTemplate({ name, subject, locales, schema, samples }: CatalogueTemplate) {
  return { name, subject, locales: [...locales], schema, samples };
}
