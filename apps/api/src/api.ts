/** HTTP in, job out. It loads the templates' catalogue; never MJML, Handlebars or nodemailer. */

export { type ApiParts, buildApi } from './api-server.ts';
export { type ApiConfig, readConfig } from './config.ts';
export { createApi } from './create-api.ts';
