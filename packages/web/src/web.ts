/**
 * What the web pages of the dashboard and of the sandbox share. An app uses it like this:
 *
 *     const app = await createWebApp({ maxFormBytes, timings: timings.http, errorHandler: errorHandler({ explain, render, onFailure }) });
 *     await app.register(assetRoutes({ folder: new URL('../assets', import.meta.url) }));
 *     app.post('/', (request, reply) => { if (!isSameOrigin(request)) throw new HttpError(403); … });
 *     app.get('/', (request, reply) => sendPage(reply, <Page />));
 *
 * A page is a `Document`, which loads `/assets/tokens.css` (palette, spaces, radii, type sizes), `base.css` (document, text, helper
 * classes) and `components.css` (cards, buttons, fields, notices, facts, tabs), and after them the style sheets of the app. An app
 * changes density by setting the properties under "Density" of tokens.css again in a style sheet of its own. Parts of a page:
 * `PageHead`, `Notice`, `EmptyState`, `Facts` of `Fact`s, `Tabs`, `TextField`, `ChoiceField`, `Icon`. Text is escaped with `safe`; there
 * is no inline script or style, because the content security policy forbids both.
 */

export { Document, type DocumentProps } from './document.tsx';
export { type ErrorHandler, errorHandler, HttpError, sendPage } from './error-handler.ts';
export { type ServerEvent, sendEvents } from './event-stream.ts';
export { ChoiceField, type ChoiceFieldProps, TextField, type TextFieldProps } from './fields.tsx';
export { consumeFlash, setFlash } from './flash.ts';
export { Icon, type IconName } from './icon.tsx';
export { EmptyState, Fact, Facts, Notice, PageHead, type Tab, Tabs } from './page-parts.tsx';
export { isSameOrigin } from './same-origin.ts';
export { TimeFormat } from './time-format.ts';
export { createWebApp, type WebAppOptions } from './web-app.ts';
export { assetRoutes } from './web-assets.ts';
