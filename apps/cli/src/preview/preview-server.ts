/** The live preview of a folder of templates: a web server on this machine only. */
import { timings as productionTimings, type Service, type Timings } from '@posthouse/contract';
import { HttpService, ServiceGroup } from '@posthouse/runtime';
import { assetRoutes, createWebApp, errorHandler, HttpError } from '@posthouse/web';
import type { FastifyInstance } from 'fastify';
import { LiveTemplates } from './live-templates.ts';
import { type MailSettings, OpenedMails } from './opened-mails.ts';
import { previewActions } from './preview-actions.ts';
import { assetPrefix, errorPage } from './preview-layout.tsx';
import { previewRoutes } from './preview-routes.tsx';
import { guardRequests } from './request-guard.ts';

/** The only address that the preview listens on. */
const loopback = '127.0.0.1';

/** Of one form: the data of a mail may have 256 KiB, and each of its fields has a name. */
const maxFormBytes = 1024 * 1024;

/** Settings of the preview. */
export interface PreviewOptions extends MailSettings {
  /** The folder of the templates. */
  dir: string;
  /** The same as a person typed it, which the pages show. */
  shownDir: string;
  /** 0 lets the system choose. */
  port: number;
  /** Called with what went wrong while an answer was made. */
  onError(error: Error): void;
  timings?: Timings;
}

/** The preview as a service. */
export class Preview implements Service {
  readonly name = 'preview';
  readonly live: LiveTemplates;
  readonly #http: HttpService;
  readonly #services: ServiceGroup;

  constructor(options: PreviewOptions) {
    const { dir, port, timings = productionTimings } = options;
    this.live = new LiveTemplates(dir, timings.preview);
    this.#http = new HttpService(() => createPreviewApp(this.live, options, timings), {
      name: this.name,
      host: loopback,
      port,
      portVariable: '--port',
    });
    this.#services = new ServiceGroup(this.name, [this.live, this.#http], timings.stop);
  }

  /** Without a slash at its end. */
  get url(): string {
    return `http://${loopback}:${this.#http.port}`;
  }

  /** @throws TemplateError when the folder cannot be read, or an error about a port in use */
  async start(): Promise<void> {
    await this.#services.start();
  }

  async stop(): Promise<void> {
    await this.#services.stop();
  }
}

/** Builds the app without listening. */
async function createPreviewApp(live: LiveTemplates, options: PreviewOptions, timings: Timings): Promise<FastifyInstance> {
  const app = await createWebApp({
    maxFormBytes,
    timings: timings.http,
    errorHandler: errorHandler({
      explain: ({ statusCode = 500, message }) =>
        new HttpError(statusCode, undefined, statusCode < 500 ? `${message}.` : 'The terminal has the details.'),
      render: (error) => errorPage(error),
      onFailure: (error) => options.onError(error),
    }),
  });
  guardRequests(app);
  await app.register(assetRoutes({ folder: new URL('../../assets', import.meta.url), prefix: assetPrefix }));
  const mails = new OpenedMails(live, options);
  await app.register(previewRoutes(live, mails, { ...options, timings: timings.preview }));
  await app.register(previewActions(live, mails, options));
  return app;
}
