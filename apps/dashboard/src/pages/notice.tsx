/** Something that the reader should know before all else. What is wrong is announced at once. */
import type { PropsWithChildren } from '@kitajs/html';
import { Icon, type IconName } from './icon.tsx';

const icons = { good: 'accepted', info: 'info', warn: 'alert', bad: 'alert' } as const satisfies Record<string, IconName>;

/** @param title one sentence; the children say more */
export function Notice({ tone, title, children }: PropsWithChildren<{ tone: keyof typeof icons; title: string }>): JSX.Element {
  return (
    <div class={['notice', tone]} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={icons[tone]} />
      <div>
        <p>
          <b safe>{title}</b>
        </p>
        {children}
      </div>
    </div>
  );
}
