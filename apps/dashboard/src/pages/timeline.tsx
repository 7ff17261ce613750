/** What happened, in its order. */

import type { PropsWithChildren } from '@kitajs/html';
import { Icon, type IconName } from '@posthouse/web';
import type { PageContext } from '../page-context.ts';
import type { Tone } from './badge.tsx';
import { When } from './when.tsx';

/** The list; its children are `Moment`s. */
export function Timeline({ label, children }: PropsWithChildren<{ label: string }>): JSX.Element {
  return (
    <ol class="timeline" aria-label={label}>
      {children}
    </ol>
  );
}

/** One thing that happened, or will. @param at ms since the epoch */
export type MomentProps = PropsWithChildren<{ context: PageContext; tone: Tone; icon: IconName; title: string; at?: number | undefined }>;

/** One entry; the children say more. */
export function TimelineItem({ context, tone, icon, title, at, children }: MomentProps): JSX.Element {
  return (
    <li class={tone}>
      <span class="mark">
        <Icon name={icon} />
      </span>
      <div>
        <p class="row">
          <b safe>{title}</b>
          {at !== undefined && <When context={context} at={at} />}
        </p>
        {children}
      </div>
    </li>
  );
}
