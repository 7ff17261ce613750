/** The bar above every page: where one can go, the search, and who is signed in. Nobody signed in sees the name of the house alone. */
import type { Role } from '@posthouse/access';
import { Icon } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';

const places: readonly { path: string; name: string; role?: Role }[] = [
  { path: '/', name: 'Overview' },
  { path: '/mails', name: 'Mails' },
  { path: '/failures', name: 'Failures' },
  { path: '/bulk', name: 'Bulk work' },
  { path: '/queue', name: 'Queue' },
  { path: '/audit', name: 'Audit', role: 'admin' },
];

/** @param here path of the part that the page belongs to */
export function TopBar({ context, here }: { context: PageContext; here: string | undefined }): JSX.Element {
  const { user } = context;
  return (
    <header class="top">
      <div class="bar">
        <a class="brand" href="/">
          <span class="lamp" aria-hidden="true"></span>
          Posthouse
        </a>
        {user !== undefined && (
          <>
            <nav class="menu" aria-label="Main">
              {places
                .filter(({ role }) => context.may(role ?? 'viewer'))
                .map(({ path, name }) => (
                  <a href={path} aria-current={path === here ? 'page' : undefined} safe>
                    {name}
                  </a>
                ))}
            </nav>
            <search class="search">
              <form action="/search">
                <Icon name="search" />
                <input
                  name="q"
                  type="search"
                  aria-label="Mail id, Message-ID or recipient"
                  placeholder="Mail id, Message-ID or recipient"
                  autocomplete="off"
                  spellcheck="false"
                />
              </form>
            </search>
            <div class="account">
              <p>
                <b safe>{user.name}</b> <span>{user.role}</span>
              </p>
              <form method="post" action="/logout">
                <button type="submit" class="ghost">
                  Sign out
                </button>
              </form>
            </div>
          </>
        )}
      </div>
    </header>
  );
}
