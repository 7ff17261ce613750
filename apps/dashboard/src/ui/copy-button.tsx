/** A button that copies a text to the clipboard. It is visible where assets/copy.js runs; without script the text can be selected. */
import { Icon } from '@posthouse/web';
import { t } from './translate.ts';

/** A page with a copy button has this in `assets`. */
export const copyAsset = 'copy.js';

/** @param name what the text is, for screen readers @param value what is copied */
export function CopyButton({ name, value }: { name: string; value: string }): JSX.Element {
  return (
    <button type="button" class="copy" data-copy-text={value} data-copied={t('Copied')} aria-label={t('Copy: {name}', { name })}>
      <Icon name="copy" />
      <span aria-live="polite" safe>
        {t('Copy')}
      </span>
    </button>
  );
}
