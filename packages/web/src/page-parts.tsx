/** Parts of a page that have no state: its head, notices, empty lists, facts and tabs. */
import type { PropsWithChildren } from '@kitajs/html';
import { Icon, type IconName } from './icon.tsx';

/** The page's h1 and a line of text below it; the children are links and buttons beside it. */
export function PageHead({ title, below, children }: PropsWithChildren<{ title: string; below?: string }>): JSX.Element {
  return (
    <div class="page-head">
      <div>
        <h1 safe>{title}</h1>
        {below !== undefined && (
          <p class="muted" safe>
            {below}
          </p>
        )}
      </div>
      <div class="row">{children}</div>
    </div>
  );
}

const noticeIcons = { good: 'accepted', info: 'info', warn: 'alert', bad: 'alert' } as const satisfies Record<string, IconName>;

/** A message above the content. A `bad` one interrupts a screen reader. @param title one sentence; the children add detail */
export function Notice({ tone, title, children }: PropsWithChildren<{ tone: keyof typeof noticeIcons; title: string }>): JSX.Element {
  return (
    <div class={['notice', tone]} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={noticeIcons[tone]} />
      <div>
        <p>
          <b safe>{title}</b>
        </p>
        {children}
      </div>
    </div>
  );
}

/** Shown instead of an empty list. @param lit false where something is wrong or missing: the lamp above the title is off */
export function EmptyState({ title, lit = true, children }: PropsWithChildren<{ title: string; lit?: boolean }>): JSX.Element {
  return (
    <div class="empty">
      <span class={['lamp', !lit && 'off']} aria-hidden="true"></span>
      <p>
        <b safe>{title}</b>
      </p>
      {children}
    </div>
  );
}

/** Names and values, one row each; the children are `Fact`s. */
export function Facts({ children }: PropsWithChildren): JSX.Element {
  return <dl class="facts">{children}</dl>;
}

/** One name; the children are its value. */
export function Fact({ name, children }: PropsWithChildren<{ name: string }>): JSX.Element {
  return (
    <div>
      <dt safe>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A view of something, with a URL of its own. */
export interface Tab {
  name: string;
  href: string;
  current: boolean;
}

/** Links between views of the same thing. @param label what the views are of */
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
