/** Elements that many pages use: a time, a progress bar, and a button that changes something. */
import { Icon, type IconName } from '@posthouse/web';
import type { PageContext } from './page-context.ts';
import { t } from './translate.ts';

/**
 * A time in the user's time zone, and relative to now.
 *
 * @param at ms since the epoch
 * @param only shows one of both; `relative` has the exact time as its title
 */
export function When({ context, at, only }: { context: PageContext; at: number; only?: 'relative' | 'dateTime' }): JSX.Element {
  const dateTime = context.time.dateTime(at);
  return (
    <time class="when" datetime={new Date(at).toISOString()} title={only === 'relative' ? dateTime : undefined}>
      {only !== 'relative' && (
        <span class="number" safe>
          {dateTime}
        </span>
      )}{' '}
      {only !== 'dateTime' && (
        <span class="muted" safe>
          {context.time.relative(at)}
        </span>
      )}
    </time>
  );
}

/** When something was done, and by whom. @param props `at` and `only` as of `When` */
export function WhenBy({ by, ...props }: Parameters<typeof When>[0] & { by: string }): JSX.Element {
  return (
    <span>
      <When {...props} />{' '}
      <span class="muted" safe>
        {t('by {who}', { who: by })}
      </span>
    </span>
  );
}

/** @param label what is being done @param total may be an estimate: the bar is full when `done` exceeds it */
export function Progress({ label, done, total }: { label: string; done: number; total: number }): JSX.Element {
  return (
    <div class="progress">
      <progress value={done} max={Math.max(total, done, 1)} aria-label={label}></progress>
      <span class="number muted" safe>
        {t('{done, number} of {total, number}', { done, total })}
      </span>
    </div>
  );
}

/** A button that sends a POST. */
export interface ActionFormProps {
  /** The path that the form is sent to. */
  action: string;
  label: string;
  /** `quiet` beside another button; `danger` for what cannot be undone. */
  kind?: 'quiet' | 'danger';
  icon?: IconName;
  /** Hidden fields. */
  fields?: Readonly<Record<string, string>>;
}

/** A form of its own, so that it works without JavaScript. Check `context.may` first: a user without the role must not see it. */
export function ActionForm({ action, label, kind, icon, fields = {} }: ActionFormProps): JSX.Element {
  return (
    <form method="post" action={action}>
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={['button', kind]}>
        {icon !== undefined && <Icon name={icon} />}
        <span safe>{label}</span>
      </button>
    </form>
  );
}
