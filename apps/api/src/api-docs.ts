/**
 * `/openapi.json` and `/docs`, generated from the schemas that validate requests. The page loads its script and styles from this server
 * only, and sends nothing to anyone.
 */
import { randomBytes } from 'node:crypto';
import swagger from '@fastify/swagger';
import { packageVersion } from '@posthouse/runtime';
import { type FastifyInstance, fastify } from 'fastify';
import { publicDocument } from './openapi-document.ts';

const description = `Sends the mail that an application must not lose.

\`202\` means that the mail is stored in Redis. It ends as sent, failed with a reason, expired, cancelled or uncertain. Do not let a
failure of this call fail a sign-up: catch it, log it, continue. With an \`Idempotency-Key\` the call can be repeated safely.

Every answer has the header \`X-Request-ID\`, which names the request in the log: the one of the request, if it had one.`;

/** The document, without servers. The app must be ready. */
export function describeApi(app: FastifyInstance): object {
  return publicDocument(app.swagger());
}

/** Registers both. Call it before the routes that they describe are registered. */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      // Generators for Go and most of those for other languages do not know 3.1.
      openapi: '3.0.3',
      info: { title: 'Posthouse', version: packageVersion(new URL('../package.json', import.meta.url)), description },
      tags: [{ name: 'mails' }, { name: 'templates' }, { name: 'metrics' }, { name: 'health' }],
      components: {
        securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'Create a key with `npm run keys -- create <name>`.' } },
      },
      security: [{ apiKey: [] }],
    },
    // Without this the schemas with an `$id` would be named `def-0`, `def-1`.
    refResolver: { buildLocalReference: ({ $id }, _baseUri, _fragment, index) => (typeof $id === 'string' ? $id : `def-${index}`) },
  });
  // The server is the one that the reader loaded the page from, so that the examples work when pasted.
  let document: object | undefined;
  app.get('/openapi.json', { schema: { hide: true } }, async ({ protocol, host }) => {
    document ??= describeApi(app);
    return { ...document, servers: [{ url: `${protocol}://${host}` }] };
  });

  // The page is the same for everyone and contains no input, so one nonce for the lifetime of the process is enough.
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  let reference: Promise<FastifyInstance> | undefined;
  app.get('/docs', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs/', 301));
  for (const url of ['/docs/', '/docs/js/scalar.js']) {
    app.get(url, { schema: { hide: true } }, async (_request, reply) => {
      reference ??= referenceApp(nonce);
      const { headers, rawPayload } = await (await reference).inject({ url });
      return reply.header('content-security-policy', policy).header('content-type', headers['content-type']).send(rawPayload);
    });
  }
}

/**
 * The page and its script, as an app of their own that the first request for one of them makes: they are 4 MB of source, a fifth of the
 * time that the process takes to load, and few processes are asked for them.
 */
async function referenceApp(nonce: string): Promise<FastifyInstance> {
  const { default: scalar } = await import('@scalar/fastify-api-reference');
  const app = fastify();
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: '/openapi.json',
      pageTitle: 'Posthouse API',
      nonce,
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  });
  return app;
}
