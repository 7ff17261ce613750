/** The components that MJML knows, to recognise a misspelt one. */
import { createRequire } from 'node:module';
import { similarName } from '@posthouse/contract';

/** Elements that MJML reads without a component of their own. */
const parts = ['mjml', 'mj-include', 'mj-all', 'mj-class', 'mj-selector', 'mj-html-attribute'];

/** The names of all elements of MJML. Until MJML is loaded, these are only the ones without a component. */
export function mjmlElements(): ReadonlySet<string> {
  const core = createRequire(createRequire(import.meta.url).resolve('mjml'))('mjml-core') as { components: object };
  return new Set([...parts, ...Object.keys(core.components)]);
}

/** How to fix an element that MJML does not know; it starts with a question where an element has a similar name. */
export function unknownElementFix(element: string): string {
  const similar = similarName(element, mjmlElements());
  return `${similar === undefined ? '' : `Did you mean <${similar}>? `}See the components at documentation.mjml.io.`;
}
