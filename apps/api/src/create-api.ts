/** Wires the API: the connection first, then the server that needs it. */
import { addressDomain, type Durations, parseMailbox, type Service } from '@posthouse/contract';
import { MailList, MailQueue, RequestConnection, Sealer } from '@posthouse/queue';
import { ConfigError, HttpService, type Logger, ServiceGroup } from '@posthouse/runtime';
import { type Catalogue, loadCatalogue } from '@posthouse/templates/catalogue';
import { buildApi } from './api-server.ts';
import type { ApiConfig } from './config.ts';

/**
 * @throws TemplateError when the template set is faulty, or ConfigError when it names a sender that is not allowed
 */
export async function createApi(config: ApiConfig, durations: Durations, log: Logger): Promise<Service> {
  const catalogue = await loadCatalogue(config.templatesDir);
  refuseForeignSenders(config, catalogue);
  const connection = new RequestConnection(config.redisUrl, new Sealer(config.secret), durations, (trouble) => log.warn(trouble));
  const rules = { catalogue, from: config.from, fromDomains: config.fromDomains };
  const parts = { queue: new MailQueue(connection), list: new MailList(connection), rules, keys: config.keys, log };
  const server = new HttpService(() => buildApi(parts), {
    name: 'API',
    host: config.host,
    port: config.port,
    portVariable: 'API_PORT',
    log,
    readyFields: { templates: catalogue.templates.size },
  });
  return new ServiceGroup('API', [connection, server], durations.timings.stop);
}

function refuseForeignSenders({ from, fromDomains }: ApiConfig, catalogue: Catalogue): void {
  const senders = [{ who: 'MAIL_FROM', sender: from }];
  for (const template of catalogue.templates.values()) {
    const sender = template.from === undefined ? undefined : parseMailbox(template.from);
    if (sender !== undefined) senders.push({ who: `the "from" of template ${template.name}`, sender });
  }
  const foreign = senders.filter(({ sender }) => !fromDomains.includes(addressDomain(sender.address)));
  if (foreign.length > 0) throw new ConfigError(foreign.map(({ who }) => `${who} is of a domain that MAIL_FROM_DOMAINS does not allow`));
}
