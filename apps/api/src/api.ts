/**
 * Builds the API: HTTP requests in, records and jobs out. It loads the template catalogue, never MJML, Handlebars or nodemailer: whether a
 * worker would refuse the templates, another process finds out.
 */
import { addressDomain, type Durations, durations, parseMailbox, type Service } from '@posthouse/contract';
import {
  ApiKeyRegistry,
  AuditLog,
  IncidentNotifier,
  MailList,
  MailQueue,
  QueueMeter,
  RequestConnection,
  Sealer,
  sealKeys,
  TemplateSetReporter,
} from '@posthouse/queue';
import {
  ConfigError,
  createLogger,
  HttpService,
  httpTargets,
  type Logger,
  notificationLog,
  packageVersion,
  ServiceGroup,
} from '@posthouse/runtime';
import { addTemplateSetMetrics, type Catalogue, LiveTemplateSet, loadCatalogue, type TemplateSource } from '@posthouse/templates/catalogue';
import { verifyTemplates } from '@posthouse/templates/verify';
import { describeApi } from './api-docs.ts';
import { buildApi } from './api-server.ts';
import type { ApiConfig } from './config.ts';
import { ApiMetrics } from './metrics.ts';

/** @throws TemplateError when the template set is one that a worker would refuse, or ConfigError when it names a sender that is not allowed */
export async function createApi(config: ApiConfig, durations: Durations, log: Logger): Promise<Service> {
  const templates = await LiveTemplateSet.load({
    dir: config.templatesDir,
    load: async (dir, signal) => {
      // First: the catalogue would list the issues of its JSON alone.
      await verifyTemplates(dir, durations.timings.templateSet.verify, signal);
      const catalogue = await loadCatalogue(dir);
      checkSenders(config, catalogue);
      return catalogue;
    },
    timings: durations.timings.templateSet,
    log,
  });
  const connection = new RequestConnection(
    config.redisUrl,
    new Sealer(config.secret),
    durations,
    (event, fields) => log.warn(fields, event),
    config.redisAccess,
    config.searchKeys,
  );
  const rules = { templates, from: config.from, fromDomains: config.fromDomains };
  const keys = new ApiKeyRegistry(connection, config.keys, (detail) => log.error({ detail }, 'API keys need attention'));
  const metrics = metricsOf(templates);
  metrics.all.addProcessMetrics();
  addTemplateSetMetrics(metrics.all, templates);
  const parts = {
    metrics,
    meter: new QueueMeter(connection),
    queue: new MailQueue(connection),
    list: new MailList(connection),
    audit: new AuditLog(connection),
    rules,
    keys,
    timings: durations.timings,
    trustedProxies: config.trustedProxies,
    templateHealth: () => templates.health(),
    log,
  };
  const reporter = new TemplateSetReporter(connection, 'api', templates);
  templates.onChange = () => reporter.report();
  const server = new HttpService(() => buildApi(parts), {
    name: 'API',
    host: config.host,
    port: config.port,
    portVariable: 'API_PORT',
    log,
    readyFields: { templates: templates.current.templates.size },
  });
  // An API process notifies as well: where no worker runs, no worker can.
  const notifiers = httpTargets(config.notify, durations.timings.monitoring.notifier.target).map(
    (target) => new IncidentNotifier(connection, target, notificationLog(log)),
  );
  return new ServiceGroup('API', [connection, keys, templates, reporter, server, ...notifiers], durations.timings.stop);
}

function metricsOf(set: TemplateSource<Catalogue>): ApiMetrics {
  return new ApiMetrics(packageVersion(new URL('../package.json', import.meta.url)), (name) => set.current.templates.has(name));
}

function checkSenders({ from, fromDomains }: ApiConfig, catalogue: Catalogue): void {
  const senders = [{ where: 'MAIL_FROM', sender: from }];
  for (const template of catalogue.templates.values()) {
    const sender = template.from === undefined ? undefined : parseMailbox(template.from);
    if (sender !== undefined) senders.push({ where: `"from" of template ${template.name}`, sender });
  }
  const notAllowed = senders.filter(({ sender }) => !fromDomains.includes(addressDomain(sender.address)));
  if (notAllowed.length > 0)
    throw new ConfigError(notAllowed.map(({ where }) => `${where} has a domain that MAIL_FROM_DOMAINS does not allow`));
}

/** The OpenAPI document, without a configuration and without Redis: docs/openapi.json is a copy of it. */
export async function openApiDocument(templatesDir: string): Promise<object> {
  const connection = new RequestConnection('redis://127.0.0.1', new Sealer(sealKeys('0'.repeat(64))), durations, () => undefined);
  const rules = { templates: { current: await loadCatalogue(templatesDir) }, from: { address: 'hello@example.com' }, fromDomains: [] };
  const parts = {
    metrics: metricsOf(rules.templates),
    meter: new QueueMeter(connection),
    queue: new MailQueue(connection),
    list: new MailList(connection),
    audit: new AuditLog(connection),
    rules,
    keys: new ApiKeyRegistry(connection, new Map(), () => undefined),
    timings: durations.timings,
    trustedProxies: [],
    templateHealth: () => ({ templateSet: 'ok' }),
    log: createLogger('api', 'silent'),
  };
  const app = await buildApi(parts);
  await app.ready();
  const document = describeApi(app);
  await app.close();
  return document;
}
