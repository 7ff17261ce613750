/** Where there is nothing to list: that this is so, and why. */
import type { PropsWithChildren } from '@kitajs/html';

/** @param lit nothing is to be done: the window is lit; else it is dark */
export function EmptyState({ title, lit = true, children }: PropsWithChildren<{ title: string; lit?: boolean }>): JSX.Element {
  return (
    <div class="empty">
      <span class={['lit', !lit && 'out']} aria-hidden="true"></span>
      <p>
        <b safe>{title}</b>
      </p>
      {children}
    </div>
  );
}
