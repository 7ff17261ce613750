/** Where a search led to nothing: what can be searched by. */

import type { MailFilter } from '@posthouse/contract';
import { EmptyState } from '@posthouse/web';
import { mailsUrl } from '../mail-search.ts';
import type { PageContext } from '../page-context.ts';
import { Layout } from './layout.tsx';

/** @param asked what was searched for; @param isId it is the id of a mail, which is not there (any more) */
export function SearchPage({ context, asked, isId }: { context: PageContext; asked: string; isId: boolean }): JSX.Element {
  const title = asked === '' ? 'Search' : isId ? 'No mail has this id' : 'Nothing was found';
  return (
    <Layout context={context} title={title} here="/mails">
      <section class="card">
        <h1 class="visually-hidden">{title}</h1>
        <EmptyState title={title} lit={asked === ''}>
          {isId && (
            <p class="muted">
              <span class="code" safe>
                {asked}
              </span>
              : was it copied whole? Or its record was kept long enough and is gone.
            </p>
          )}
          <p class="muted">
            The search takes a mail's id, its Message-ID, a recipient's address, or a domain such as example.com for all who have an address
            there.
          </p>
          {asked !== '' && !isId && (
            <p>
              Is it <FilterLink filter={{ template: asked }} text="the name of a template" />,{' '}
              <FilterLink filter={{ tag: asked }} text="a tag" /> or <FilterLink filter={{ error: asked }} text="the reason of a failure" />
              ?
            </p>
          )}
        </EmptyState>
      </section>
    </Layout>
  );
}

function FilterLink({ filter, text }: { filter: MailFilter; text: string }): JSX.Element {
  return (
    <a href={mailsUrl(filter)} safe>
      {text}
    </a>
  );
}
