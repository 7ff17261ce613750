/** Views of the same thing; each has a URL of its own. */

/** One view. */
export interface Tab {
  name: string;
  href: string;
  current: boolean;
}

/** @param label what the views are of */
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }): JSX.Element {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(({ name, href, current }) => (
        <a href={href} aria-current={current ? 'page' : undefined} safe>
          {name}
        </a>
      ))}
    </nav>
  );
}
