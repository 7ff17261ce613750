/** `/templates`: the templates of the set in use, each with its samples as they are rendered, and which process uses which set. */
import { type View, widthOf, widths } from '@posthouse/mailview';
import { QueueOverview, type RequestConnection, TemplateSetReports, templateSetState } from '@posthouse/queue';
import type { LiveTemplateSet } from '@posthouse/templates/catalogue';
import type { Renderer } from '@posthouse/templates/render';
import { HttpError, sendPage } from '@posthouse/web';
import type { FastifyPluginAsync } from 'fastify';
import { t } from '../ui/translate.ts';
import { choiceIn, type Query } from '../ui/url-parameters.ts';
import { TemplateListPage } from './template-list-page.tsx';
import { TemplatePage } from './template-page.tsx';
import { renderSample, sampleDocument, samplesOf, type TemplateSample } from './template-samples.ts';

interface TemplateRequest {
  Params: { name: string };
  Querystring: Query;
}

/** What is shown of a sample. */
const sampleViews: readonly View[] = ['html', 'text'];

/** @param templates the set of this process, whose renderer shows the samples @returns the routes, as a plugin */
export function templateRoutes(
  connection: RequestConnection,
  templates: Pick<LiveTemplateSet<Renderer>, 'current' | 'since' | 'refused'>,
): FastifyPluginAsync {
  const overview = new QueueOverview(connection);
  const reports = new TemplateSetReports(connection);

  return async (app) => {
    app.get('/templates', async ({ context }, reply) => {
      const [counts, { processes, firstUsed }] = await Promise.all([overview.templates(), reports.list()]);
      const own = templateSetState(templates);
      const renderer = templates.current;
      return sendPage(reply, <TemplateListPage {...{ context, renderer, own, counts, processes, firstUsed }} />);
    });

    app.get<TemplateRequest>('/templates/:name', async ({ context, params, query }, reply) => {
      const renderer = templates.current;
      const template = renderer.catalogue.templates.get(params.name);
      if (template === undefined) throw templateNotFound();
      const shown = chosenSample(renderer, params.name, query);
      const view = choiceIn(query, 'view', sampleViews) ?? 'html';
      const width = widthOf(choiceIn(query, 'width', widths));
      const counts = (await overview.templates()).get(params.name);
      return sendPage(reply, <TemplatePage {...{ context, renderer, template, shown, view, width, counts }} />);
    });

    app.get<TemplateRequest>('/templates/:name/frame', async ({ params, query }, reply) => {
      const renderer = templates.current;
      const { sample, locale } = query;
      const chosen = samplesOf(renderer, params.name).find((each) => each.sample === sample && each.locale === locale);
      const mail = chosen && renderSample(renderer, chosen);
      if (mail === undefined) throw templateNotFound();
      const { html, csp } = sampleDocument(mail);
      return reply.type('text/html; charset=utf-8').header('content-security-policy', csp).header('cache-control', 'no-store').send(html);
    });
  };
}

/** The sample of the request, or the first one. */
function chosenSample(renderer: Renderer, name: string, { sample, locale }: TemplateRequest['Querystring']): TemplateSample | undefined {
  const all = samplesOf(renderer, name);
  const ofSample = all.filter((each) => each.sample === sample);
  const candidates = ofSample.length > 0 ? ofSample : all;
  return candidates.find((each) => each.locale === locale) ?? candidates[0];
}

function templateNotFound(): HttpError {
  return new HttpError(404, t('Template not found'), t('The template set in use has no such template or sample.'));
}
