/**
 * `/openapi.json` and `/docs`, made from the same schemas that the routes check. The page's script and styles come
 * from the package itself; nothing is loaded from, or told to, anybody else.
 */
import { randomBytes } from 'node:crypto';
import swagger from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

const description = `Sends the mail that an application must not lose.

A \`202\` means that Redis has the mail, and that it will end as sent, failed with a reason, expired, cancelled or uncertain. Never
let a failure of this call break a sign-up: catch it, log it, go on. With an \`Idempotency-Key\` the call can be repeated safely.`;

/** Registers both; must come before the routes that they describe. */
export async function registerDocs(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Posthouse', version, description },
      tags: [{ name: 'mails' }, { name: 'templates' }],
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: '`npm run keys -- <name>` makes one.' } } },
      security: [{ apiKey: [] }],
    },
  });
  // The server is where the reader got the page from, so that the examples on it can be pasted.
  app.get('/openapi.json', { schema: { hide: true } }, async ({ protocol, host }) => ({
    ...app.swagger(),
    servers: [{ url: `${protocol}://${host}` }],
  }));

  // The page is the same for everyone and holds no input, so one nonce for the life of the process does.
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
    hooks: {
      onRequest: (_request, reply, done) => {
        reply.header('content-security-policy', policy);
        done();
      },
    },
  });
}
